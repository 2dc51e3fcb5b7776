import { type Container, corrupt } from "./container.ts";

const screenHeaderBytes = 13;
const imageBlock = 0x2c;
const extensionBlock = 0x21;
const trailer = 0x3b;
const graphicControl = 0xf9;

/** Walks every block to the trailer, but only the first frame is decodable: one file of thousands of frames costs one. */
export function inspectGif(bytes: Buffer): Container {
	if (bytes.length < screenHeaderBytes) throw corrupt("it ends inside its header");
	const afterScreen = screenHeaderBytes + colourTableBytes(bytes[10]);
	const decodable = [bytes.subarray(0, afterScreen)];
	let widthPx = bytes.readUInt16LE(6);
	let heightPx = bytes.readUInt16LE(8);
	let frames = 0;
	let at = afterScreen;
	while (bytes[at] !== trailer) {
		const start = at;
		if (bytes[at] === extensionBlock) {
			at = subBlocksEnd(bytes, at + 2);
			if (frames === 0 && bytes[start + 1] === graphicControl) decodable.push(bytes.subarray(start, at));
		} else if (bytes[at] === imageBlock && at + 10 < bytes.length) {
			// A frame may be larger than the screen it claims to fill; the decoder grows the screen, so the limit must see that.
			widthPx = Math.max(widthPx, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
			heightPx = Math.max(heightPx, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
			at = subBlocksEnd(bytes, at + 10 + colourTableBytes(bytes[at + 9]) + 1);
			if (frames === 0) decodable.push(bytes.subarray(start, at));
			frames++;
		} else throw corrupt(at >= bytes.length ? "it ends before its trailer" : "a block is of no known kind");
	}
	if (frames === 0) throw corrupt("it has no pixels");
	decodable.push(bytes.subarray(at, at + 1));
	return { format: "gif", widthPx, heightPx, frames, decodable, endsAt: at + 1 };
}

function colourTableBytes(flags = 0): number {
	return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function subBlocksEnd(bytes: Buffer, from: number): number {
	let at = from;
	for (;;) {
		const length = bytes[at];
		if (length === undefined) throw corrupt("it ends inside a block");
		at += 1 + length;
		if (length === 0) return at;
	}
}
