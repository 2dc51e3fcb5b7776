import zlib from "node:zlib";

/** One PNG chunk, made without the code under test. */
export function chunk(type: string, data: Uint8Array): Buffer {
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const out = Buffer.alloc(4);
	out.writeUInt32BE(data.length);
	const crc = Buffer.alloc(4);
	crc.writeUInt32BE(zlib.crc32(body));
	return Buffer.concat([out, body, crc]);
}

export interface PngShape {
	width: number;
	height: number;
	depth?: number;
	/** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
	colour?: number;
	interlaced?: boolean;
}

export function pngHeader({ width, height, depth = 8, colour = 2, interlaced = false }: PngShape): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
	return chunk("IHDR", header);
}

const pngSignature = Buffer.from("89504e470d0a1a0a", "hex");

/** A PNG of these raw scanlines (each with its filter byte), with extra chunks between header and pixels. */
export function png(shape: PngShape, scanlines: Uint8Array, extra: Buffer[] = []): Buffer {
	const pixels = chunk("IDAT", zlib.deflateSync(scanlines, { level: 9 }));
	return Buffer.concat([pngSignature, pngHeader(shape), ...extra, pixels, chunk("IEND", Buffer.alloc(0))]);
}

/** 30,000 x 30,000 one-bit pixels in 110 kB; interlaced, so that a decoder must hold all 900 million of them. */
export function pngBomb(): Buffer {
	const side = 30_000;
	return png({ width: side, height: side, depth: 1, colour: 0, interlaced: true }, new Uint8Array(side * (side / 8 + 1) + side * 8));
}

/** 1.3 billion pixels that need little memory and seconds of work. */
export function slowPng(): Buffer {
	const side = 36_000;
	return png({ width: side, height: side, depth: 1, colour: 0 }, new Uint8Array(side * (side / 8 + 1)));
}

/** A valid small picture with a text chunk that inflates to 64 MiB, an unbounded profile and a PHP comment. */
export function pngWithChunkBombs(): Buffer {
	const bomb = zlib.deflateSync(new Uint8Array(64 * 1024 * 1024), { level: 9 });
	return png({ width: 2, height: 2 }, new Uint8Array(2 * 7), [
		chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), bomb])),
		chunk("iCCP", Buffer.concat([Buffer.from("profile\0\0"), bomb])),
		chunk("tEXt", Buffer.from("Comment\0<?php system($_GET['c']); ?>")),
	]);
}

/** An animated PNG: one default picture and `frames` frame controls with their data. */
export function apng(frames: number): Buffer {
	const animation = Buffer.alloc(8);
	animation.writeUInt32BE(frames, 0);
	const control = Buffer.alloc(26);
	control.writeUInt32BE(2, 4);
	control.writeUInt32BE(2, 8);
	const data = Buffer.concat([Buffer.alloc(4), zlib.deflateSync(new Uint8Array(14))]);
	const extra = Array.from({ length: frames }, () => [chunk("fcTL", control), chunk("fdAT", data)]).flat();
	return png({ width: 2, height: 2 }, new Uint8Array(14), [chunk("acTL", animation), ...extra]);
}

/** A TIFF block with only an orientation tag and a GPS directory naming a place. */
export function exifBlock(orientation: number): Buffer {
	const block = Buffer.alloc(8 + 2 + 24 + 4 + 2 + 12 + 4);
	block.write("MM\0*", 0, "latin1");
	block.writeUInt32BE(8, 4);
	block.writeUInt16BE(2, 8);
	block.set([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], 10);
	block.set([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38], 22);
	block.writeUInt16BE(1, 38);
	block.set([0x00, 0x01, 0, 2, 0, 0, 0, 2, 0x4e, 0, 0, 0], 40);
	return block;
}
