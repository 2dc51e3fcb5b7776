import { type Container, corrupt } from "./container.ts";

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const comment = 0xfe;
/** C0 to CF are frame headers apart from these: Huffman tables, an extension and arithmetic conditioning. */
const notFrames = [0xc4, 0xc8, 0xcc];

/** Walks the segments up to the end marker, through every scan of a progressive file. */
export function inspectJpeg(bytes: Buffer): Container {
	const walk = walkJpeg(bytes, 0);
	let endsAt = walk.endsAt;
	// Phones append a gain map or a thumbnail as a second whole JPEG and say so in an MPF segment: part of the format, and dropped here.
	while (walk.hasExtraPictures && isStart(bytes, endsAt)) endsAt = walkJpeg(bytes, endsAt).endsAt;
	return { format: "jpeg", widthPx: walk.widthPx, heightPx: walk.heightPx, frames: 1, decodable: walk.decodable, endsAt };
}

function isStart(bytes: Buffer, at: number): boolean {
	return bytes[at] === 0xff && bytes[at + 1] === startOfImage && bytes[at + 2] === 0xff;
}

function walkJpeg(bytes: Buffer, start: number) {
	const walk = { widthPx: 0, heightPx: 0, hasExtraPictures: false, decodable: [bytes.subarray(start, start + 2)], endsAt: 0 };
	let hasScan = false;
	let at = start + 2;
	for (;;) {
		if (bytes[at] !== 0xff) throw corrupt(at >= bytes.length ? "it ends before its end marker" : "a segment is out of place");
		while (bytes[at + 1] === 0xff) at++;
		const marker = bytes[at + 1] ?? 0;
		if (marker === endOfImage) break;
		if (at + 4 > bytes.length) throw corrupt("it ends inside a segment");
		const end = at + 2 + bytes.readUInt16BE(at + 2);
		const data = bytes.subarray(at + 4, end);
		if (end < at + 4 || end > bytes.length || marker < 0xc0) throw corrupt("a segment is cut off");
		if (marker >= 0xc0 && marker <= 0xcf && !notFrames.includes(marker)) {
			if (walk.widthPx > 0 || data.length < 6) throw corrupt("its header is wrong or repeated");
			walk.heightPx = data.readUInt16BE(1);
			walk.widthPx = data.readUInt16BE(3);
		}
		if (marker === 0xe2 && startsWith(data, "MPF\0")) walk.hasExtraPictures = true;
		const next = marker === startOfScan ? scanEnd(bytes, end) : end;
		if (marker === startOfScan) hasScan = true;
		if (isDecodable(marker, data)) walk.decodable.push(bytes.subarray(at, next));
		at = next;
	}
	if (!hasScan) throw corrupt("it has no pixels");
	walk.decodable.push(bytes.subarray(at, at + 2));
	walk.endsAt = at + 2;
	return walk;
}

/** Scan data runs to the next marker that is neither a stuffed zero nor a restart. */
function scanEnd(bytes: Buffer, from: number): number {
	for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
		const next = bytes[at + 1];
		if (next === undefined) break;
		if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
	}
	throw corrupt("it ends before its end marker");
}

function isDecodable(marker: number, data: Buffer): boolean {
	if (marker === comment) return false;
	if (marker < 0xe0 || marker > 0xef) return true;
	if (marker === 0xe0) return startsWith(data, "JFIF\0");
	if (marker === 0xe1) return startsWith(data, "Exif\0\0");
	if (marker === 0xe2) return startsWith(data, "ICC_PROFILE\0");
	return marker === 0xee && startsWith(data, "Adobe");
}

function startsWith(data: Buffer, prefix: string): boolean {
	return data.toString("latin1", 0, prefix.length) === prefix;
}
