import { type Container, corrupt } from "./container.ts";

const topBoxes = ["ftyp", "meta", "mdat", "moov", "free", "skip"];
const maxBoxes = 10_000;

interface Box {
	type: string;
	/** Where its content starts and ends. */
	from: number;
	to: number;
}

/** Walks the top boxes and the picture's properties. The size is the largest that any property claims. */
export function inspectAvif(bytes: Buffer): Container {
	let at = 0;
	let meta: Box | undefined;
	let hasPixels = false;
	while (at + 8 <= bytes.length) {
		const box = readBox(bytes, at, bytes.length);
		if (!topBoxes.includes(box.type)) break;
		if (box.to > bytes.length) throw corrupt("a box is cut off");
		if (box.type === "meta") meta ??= box;
		if (box.type === "mdat") hasPixels = true;
		at = box.to;
	}
	if (!meta || !hasPixels) throw corrupt("it has no pixels");
	const size = largestExtent(bytes, meta);
	return { format: "avif", ...size, frames: 1, decodable: [bytes.subarray(0, at)], endsAt: at };
}

function largestExtent(bytes: Buffer, meta: Box): { widthPx: number; heightPx: number } {
	let size = { widthPx: 0, heightPx: 0 };
	const properties = children(bytes, { ...meta, from: meta.from + 4 }, "iprp").flatMap((iprp) => children(bytes, iprp, "ipco"));
	for (const extent of properties.flatMap((ipco) => children(bytes, ipco, "ispe"))) {
		if (extent.to - extent.from < 12) throw corrupt("its size is missing");
		const widthPx = bytes.readUInt32BE(extent.from + 4);
		const heightPx = bytes.readUInt32BE(extent.from + 8);
		if (widthPx * heightPx >= size.widthPx * size.heightPx) size = { widthPx, heightPx };
	}
	return size;
}

function children(bytes: Buffer, parent: Box, type: string): Box[] {
	const found: Box[] = [];
	let count = 0;
	for (let at = parent.from; at + 8 <= parent.to; ) {
		const box = readBox(bytes, at, parent.to);
		if (box.to > parent.to || ++count > maxBoxes) throw corrupt("a box is cut off");
		if (box.type === type) found.push(box);
		at = box.to;
	}
	return found;
}

/** A size of 1 means a 64-bit size follows; 0 means "to the end". */
function readBox(bytes: Buffer, at: number, limit: number): Box {
	const type = bytes.toString("latin1", at + 4, at + 8);
	const size = bytes.readUInt32BE(at);
	if (size === 0) return { type, from: at + 8, to: limit };
	if (size === 1) {
		const wide = at + 16 <= bytes.length ? Number(bytes.readBigUInt64BE(at + 8)) : 0;
		if (wide < 16) throw corrupt("a box has no size");
		return { type, from: at + 16, to: at + wide };
	}
	if (size < 8) throw corrupt("a box has no size");
	return { type, from: at + 8, to: at + size };
}
