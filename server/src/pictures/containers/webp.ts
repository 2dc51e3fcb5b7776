import { type Container, corrupt } from "./container.ts";

const riffHeaderBytes = 12;
const kept = ["VP8X", "ICCP", "ALPH", "VP8 ", "VP8L", "ANIM", "ANMF", "EXIF"];
const xmpFlag = 0x04;

/** Walks the RIFF chunks. The size is the largest that any chunk claims, so that a lying canvas hides nothing from the limit. */
export function inspectWebp(bytes: Buffer): Container {
	const endsAt = riffHeaderBytes - 4 + paddedLength(bytes, 4);
	if (bytes.length < 30 || endsAt > bytes.length) throw corrupt("it is shorter than it says");
	const chunks: Buffer[] = [];
	const size = { widthPx: 0, heightPx: 0 };
	let frames = 0;
	let hasPixels = false;
	for (let at = riffHeaderBytes; at < endsAt; ) {
		if (at + 8 > endsAt) throw corrupt("a chunk is cut off");
		const type = bytes.toString("latin1", at, at + 4);
		const end = at + 8 + paddedLength(bytes, at + 4);
		if (end > endsAt) throw corrupt("a chunk is cut off");
		const data = bytes.subarray(at + 8, end);
		growTo(size, chunkSize(type, data));
		if (type === "ANMF") frames++;
		if (["VP8 ", "VP8L", "ANMF"].includes(type)) hasPixels = true;
		if (kept.includes(type)) chunks.push(type === "VP8X" ? withoutXmpFlag(bytes.subarray(at, end)) : bytes.subarray(at, end));
		at = end;
	}
	if (!hasPixels) throw corrupt("it has no pixels");
	return { format: "webp", ...size, frames: Math.max(1, frames), decodable: riff(chunks), endsAt };
}

/** The buffers of a whole WebP file made of these chunks. */
export function riff(chunks: Buffer[]): Buffer[] {
	const header = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
	header.writeUInt32LE(4 + chunks.reduce((sum, chunk) => sum + chunk.length, 0), 4);
	return [header, ...chunks];
}

function paddedLength(bytes: Buffer, at: number): number {
	const length = bytes.length >= at + 4 ? bytes.readUInt32LE(at) : 0;
	return length + (length % 2);
}

function withoutXmpFlag(chunk: Buffer): Buffer {
	const copy = Buffer.from(chunk);
	copy[8] = (copy[8] ?? 0) & ~xmpFlag;
	return copy;
}

function growTo(size: { widthPx: number; heightPx: number }, other: [number, number] | undefined): void {
	size.widthPx = Math.max(size.widthPx, other?.[0] ?? 0);
	size.heightPx = Math.max(size.heightPx, other?.[1] ?? 0);
}

function chunkSize(type: string, data: Buffer): [number, number] | undefined {
	if (type === "VP8X" && data.length >= 10) return [data.readUIntLE(4, 3) + 1, data.readUIntLE(7, 3) + 1];
	if (type === "VP8 " && data.length >= 10) return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff];
	if (type === "VP8L" && data.length >= 5) {
		const packed = data.readUInt32LE(1);
		return [(packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1];
	}
	return undefined;
}
