import { GlassworksError } from "../domain/errors.ts";
import { pngChunk } from "./containers/png.ts";
import { riff } from "./containers/webp.ts";

const pngHeaderBytes = 8 + 25;
/** An APP1 segment's length field is 16 bits and counts itself and the `Exif` mark. */
const maxJpegExifBytes = 65_535 - 2 - 6;
const exifFlag = 0x08;

/**
 * Puts text into a PNG that has none: `tEXt` for ASCII, else `iTXt` (UTF-8), as readers differ on the rest of Latin-1. NUL, which would end the text early, becomes U+FFFD.
 * @throws {GlassworksError} invalid_request for a key that PNG does not allow
 */
export function withPngText(png: Buffer, text: Record<string, string>): Buffer {
	const chunks = Object.entries(text).map(([key, value]) => textChunk(key, value.replaceAll("\0", "\ufffd")));
	return Buffer.concat([png.subarray(0, pngHeaderBytes), ...chunks, png.subarray(pngHeaderBytes)]);
}

function textChunk(key: string, value: string): Buffer {
	if (!/^[!-~]([ -~]{0,77}[!-~])?$/.test(key) || key.includes("  ")) {
		const rule = "A text key is 1 to 79 printable ASCII characters, without leading, trailing or double spaces.";
		throw new GlassworksError("invalid_request", rule, {}, [{ path: ["text"], message: rule }]);
	}
	if (/^[\n -~]*$/.test(value)) return pngChunk("tEXt", Buffer.from(`${key}\0${value}`, "latin1"));
	return pngChunk("iTXt", Buffer.concat([Buffer.from(`${key}\0\0\0\0\0`, "latin1"), Buffer.from(value, "utf8")]));
}

/**
 * Puts text into a JPEG without EXIF as its UserComment.
 * @throws {GlassworksError} invalid_request when it does not fit a segment (about 65,000 bytes as ASCII JSON)
 */
export function withJpegText(jpeg: Buffer, text: Record<string, string>): Buffer {
	const exif = exifBlock(text);
	if (exif.length > maxJpegExifBytes) {
		const rule = `The text takes ${exif.length} bytes as EXIF; a JPEG holds ${maxJpegExifBytes}.`;
		throw new GlassworksError("invalid_request", rule, { max: maxJpegExifBytes, asked: exif.length }, [{ path: ["text"], message: rule }]);
	}
	const head = Buffer.from("\xff\xe1\0\0Exif\0\0", "latin1");
	head.writeUInt16BE(2 + 6 + exif.length, 2);
	return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** Puts text into a still WebP without EXIF, giving it the extended header that EXIF needs. */
export function withWebpText(
	webp: Buffer,
	text: Record<string, string>,
	picture: { widthPx: number; heightPx: number; hasAlpha: boolean },
): Buffer {
	const body = webp.subarray(12);
	const isExtended = body.toString("latin1", 0, 4) === "VP8X";
	const header = Buffer.from(isExtended ? body.subarray(0, 18) : webpChunk("VP8X", extendedHeader(picture)));
	header[8] = (header[8] ?? 0) | exifFlag;
	return Buffer.concat(riff([header, body.subarray(isExtended ? 18 : 0), webpChunk("EXIF", exifBlock(text))]));
}

function extendedHeader({ widthPx, heightPx, hasAlpha }: { widthPx: number; heightPx: number; hasAlpha: boolean }): Buffer {
	const header = Buffer.alloc(10);
	header[0] = hasAlpha ? 0x10 : 0;
	header.writeUIntLE(widthPx - 1, 4, 3);
	header.writeUIntLE(heightPx - 1, 7, 3);
	return header;
}

function webpChunk(type: string, data: Buffer): Buffer {
	const head = Buffer.alloc(8);
	head.write(type, 0, "latin1");
	head.writeUInt32LE(data.length, 4);
	return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

/** The smallest EXIF there is: a UserComment in ASCII that holds the text as JSON, other characters as `\uXXXX`. */
function exifBlock(text: Record<string, string>): Buffer {
	const json = JSON.stringify(text).replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
	const comment = Buffer.from(`ASCII\0\0\0${json}`, "latin1");
	const exifDirectoryAt = 26;
	const commentAt = exifDirectoryAt + 30;
	const block = Buffer.alloc(commentAt);
	block.write("MM\0*", 0, "latin1");
	block.writeUInt32BE(8, 4);
	block.writeUInt16BE(1, 8);
	directoryEntry(block, 10, 0x8769, 4, 1, exifDirectoryAt);
	block.writeUInt16BE(2, exifDirectoryAt);
	directoryEntry(block, exifDirectoryAt + 2, 0x9000, 7, 4, 0x30323332);
	directoryEntry(block, exifDirectoryAt + 14, 0x9286, 7, comment.length, commentAt);
	return Buffer.concat([block, comment]);
}

function directoryEntry(block: Buffer, at: number, tag: number, type: number, count: number, value: number): void {
	block.writeUInt16BE(tag, at);
	block.writeUInt16BE(type, at + 2);
	block.writeUInt32BE(count, at + 4);
	block.writeUInt32BE(value, at + 8);
}
