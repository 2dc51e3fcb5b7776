import { GlassworksError } from "../../domain/errors.ts";

export type ContainerFormat = "png" | "jpeg" | "webp" | "gif" | "avif";

/** What the outside of a picture file tells, found by walking its blocks without decoding a pixel. */
export interface Container {
	format: ContainerFormat;
	/** As stored, before orientation. */
	widthPx: number;
	heightPx: number;
	frames: number;
	/** The blocks that make pixels, colour and orientation. Comments, texts, XMP and unknown blocks never reach a decoder. */
	decodable: Buffer[];
	/** Offset just after the picture's last byte. What follows is not part of it. */
	endsAt: number;
}

/** The error for a file that stops early or breaks its own format. */
export function corrupt(what: string): GlassworksError {
	return new GlassworksError("picture_corrupt", `The picture is truncated or damaged: ${what}.`);
}

/** Cameras and disk images leave a little zero padding after a picture; anything else there is another file. */
const maxPaddingBytes = 4096;

/** @throws {GlassworksError} picture_polyglot when more than a little zero padding follows offset `end`. */
export function refuseTrailingData(bytes: Buffer, end: number): void {
	const trailing = bytes.subarray(end);
	if (trailing.length === 0) return;
	if (trailing.length <= maxPaddingBytes && trailing.every((byte) => byte === 0)) return;
	throw new GlassworksError("picture_polyglot", "The file is a picture with something else appended. Save it again and retry.", {
		trailingBytes: trailing.length,
	});
}
