import { GlassworksError } from "../../domain/errors.ts";
import { inspectAvif } from "./avif.ts";
import { type Container, type ContainerFormat, corrupt, refuseTrailingData } from "./container.ts";
import { inspectGif } from "./gif.ts";
import { inspectJpeg } from "./jpeg.ts";
import { inspectPng } from "./png.ts";
import { inspectWebp } from "./webp.ts";

const inspectors: Record<ContainerFormat, (bytes: Buffer) => Container> = {
	png: inspectPng,
	jpeg: inspectJpeg,
	webp: inspectWebp,
	gif: inspectGif,
	avif: inspectAvif,
};

/**
 * Reads a file's outside: its kind by its first bytes, its size and frames, and where it ends. Decodes no pixels and inflates at most one colour profile.
 * @throws {GlassworksError} picture_unsupported, picture_corrupt, picture_polyglot, picture_too_large
 */
export function inspectContainer(bytes: Buffer, maxPixels: number): Container {
	const format = sniffFormat(bytes);
	if (!format) {
		const meaning = "Not a picture we read. PNG, JPEG, WebP, GIF (first frame) and AVIF are read; SVG is not.";
		throw new GlassworksError("picture_unsupported", meaning);
	}
	const container = inspectors[format](bytes);
	const pixels = container.widthPx * container.heightPx * container.frames;
	if (pixels === 0) throw corrupt("its size is zero");
	if (pixels > maxPixels) {
		throw new GlassworksError("picture_too_large", `The picture has more pixels than the ${maxPixels} allowed, all frames together.`, {
			max: maxPixels,
			asked: pixels,
		});
	}
	refuseTrailingData(bytes, container.endsAt);
	return container;
}

function sniffFormat(bytes: Buffer): ContainerFormat | undefined {
	const head = bytes.toString("latin1", 0, 32);
	if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
	if (head.startsWith("\xff\xd8\xff")) return "jpeg";
	if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
	if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "webp";
	if (head.startsWith("ftyp", 4) && (head.startsWith("avif", 8) || (head.startsWith("mif1", 8) && head.includes("avif", 16))))
		return "avif";
	return undefined;
}
