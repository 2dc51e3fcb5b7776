import sharp, { type Sharp } from "sharp";

/** A small picture with detail: red left half, blue right half, noise below. */
export function sample(width = 48, height = 32): Sharp {
	const pixels = Buffer.alloc(width * height * 3);
	for (let i = 0; i < width * height; i++) {
		const isLeft = i % width < width / 2;
		const noise = i > (width * height) / 2 ? (i * 7919) % 60 : 0;
		pixels.set([isLeft ? 220 : noise, noise, isLeft ? noise : 220], i * 3);
	}
	return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A GIF of `frames` one-pixel frames on a screen of the given side. */
export function gif(frames: number, side = 1): Buffer {
	const screen = Buffer.from("GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff", "latin1");
	screen.writeUInt16LE(side, 6);
	screen.writeUInt16LE(side, 8);
	const comment = Buffer.from("\x21\xfe\x12<?php phpinfo(); ?\0", "latin1");
	const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0]);
	return Buffer.concat([screen, comment, ...Array.from({ length: frames }, () => frame), Buffer.from(";")]);
}

export function animatedWebp(): Promise<Buffer> {
	const pages = Buffer.concat([Buffer.alloc(16 * 16 * 3, 200), Buffer.alloc(16 * 16 * 3, 30)]);
	return sharp(pages, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
		.webp({ loop: 0 })
		.toBuffer();
}

/** 16,000 x 16,000 pixels of one colour in 38 bytes of lossless WebP: 1 GB once decoded. */
export const webpBomb = Buffer.from("524946461e000000574542505650384c110000002f7ffe9f0f0750b3ce34b3ff8188e87f0000", "hex");

/** An empty but valid ZIP archive. */
export const emptyZip = Buffer.concat([Buffer.from("PK\x05\x06", "latin1"), Buffer.alloc(18)]);

export const notPictures: Record<string, string> = {
	"an SVG with an external entity":
		'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/hostname">]><svg xmlns="http://www.w3.org/2000/svg"><text>&e;</text></svg>',
	"an SVG without a prologue": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
	"an HTML page": "<!doctype html><script>alert(1)</script>",
	"a PDF": "%PDF-1.7\n1 0 obj\n",
	"a TIFF": "II*\0\b\0\0\0\0\0",
	"an XML file with a byte order mark": "\ufeff<?xml version='1.0'?>",
	"one byte": "\x89",
	"a Windows bitmap": "BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0",
};

/** A JPEG whose frame header claims another size. */
export function withJpegSize(jpeg: Buffer, width: number, height: number): Buffer {
	const copy = Buffer.from(jpeg);
	const frame = copy.indexOf(Buffer.from([0xff, 0xc0]));
	copy.writeUInt16BE(height, frame + 5);
	copy.writeUInt16BE(width, frame + 7);
	return copy;
}

/** A JPEG with a segment put right after its start marker. */
export function withJpegSegment(jpeg: Buffer, marker: number, data: Buffer): Buffer {
	const head = Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]);
	return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}
