import zlib from "node:zlib";
import { type Container, corrupt } from "./container.ts";

const signatureBytes = 8;
const maxProfileBytes = 4 * 1024 * 1024;
const maxExifBytes = 64 * 1024;

/** Walks the chunks up to IEND. Frames count the frame control chunks of an animated PNG; only the still picture is decodable. */
export function inspectPng(bytes: Buffer): Container {
	let at = signatureBytes;
	let frameControls = 0;
	let hasPixels = false;
	const decodable = [bytes.subarray(0, signatureBytes)];
	const header = bytes.subarray(16, 24);
	for (let index = 0; ; index++) {
		if (at + 12 > bytes.length) throw corrupt("it ends before its last chunk");
		const length = bytes.readUInt32BE(at);
		const type = bytes.toString("latin1", at + 4, at + 8);
		const end = at + 12 + length;
		if (end > bytes.length) throw corrupt("a chunk is cut off");
		if ((type === "IHDR") !== (index === 0)) throw corrupt("its header is missing or repeated");
		if (type === "fcTL") frameControls++;
		if (type === "IDAT") hasPixels = true;
		if (isDecodable(type, bytes.subarray(at + 8, at + 8 + length))) decodable.push(bytes.subarray(at, end));
		at = end;
		if (type === "IEND") break;
	}
	if (!hasPixels) throw corrupt("it has no pixels");
	return {
		format: "png",
		widthPx: header.readUInt32BE(0),
		heightPx: header.readUInt32BE(4),
		frames: Math.max(1, frameControls),
		decodable,
		endsAt: at,
	};
}

function isDecodable(type: string, data: Buffer): boolean {
	if (["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].includes(type)) return true;
	if (type === "eXIf") return data.length <= maxExifBytes;
	return type === "iCCP" && isBoundedProfile(data);
}

/** A colour profile is compressed, so it can be a bomb of its own: one that inflates past the limit is left out. */
function isBoundedProfile(data: Buffer): boolean {
	const nameEnd = data.indexOf(0);
	if (nameEnd < 1 || nameEnd > 79 || data.length > maxProfileBytes) return false;
	try {
		zlib.inflateSync(data.subarray(nameEnd + 2), { maxOutputLength: maxProfileBytes });
		return true;
	} catch {
		return false;
	}
}

/** One PNG chunk with its length and checksum. `type` is four ASCII letters. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
	const chunk = Buffer.alloc(12 + data.length);
	chunk.writeUInt32BE(data.length, 0);
	chunk.write(type, 4, "latin1");
	chunk.set(data, 8);
	chunk.writeUInt32BE(zlib.crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
	return chunk;
}
