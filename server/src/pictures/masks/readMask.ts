import type { Sharp } from "sharp";
import type { MaskChannel } from "../../domain/edits/mask.ts";

import { scalePlane } from "./scalePlane.ts";

interface Size {
	width: number;
	height: number;
}

/** As light, or as solid, as this counts as marked. Engines take the same. */
const isMarked = (value: number): number => (value > 127 ? 1 : 0);
/** Colours within this of each other are one. */
const sameColour = 24;

/** A mask file, upright, brought to a size: 1 where it is marked. */
export async function readMaskFile(decoded: Sharp, channel: MaskChannel, size: Size): Promise<Uint8Array> {
	if (channel !== "luminance") {
		const solid = await readSolid(decoded, size);
		const differs = solid.includes(0) && solid.includes(1);
		if (channel === "alpha" || (differs && (await isOneColour(decoded)))) return solid;
	}
	const light = decoded.clone().flatten({ background: "#000000" }).toColourspace("b-w").extractChannel(0);
	return fit(light, size);
}

/** 1 where a picture is more solid than clear, brought to a size. */
export async function readSolid(decoded: Sharp, size: Size): Promise<Uint8Array> {
	const solid = decoded.clone().toColourspace("srgb").ensureAlpha().extractChannel(3);
	return fit(solid, size);
}

async function fit(channel: Sharp, { width, height }: Size): Promise<Uint8Array> {
	const { data, info } = await channel.raw().toBuffer({ resolveWithObject: true });
	return scalePlane({ widthPx: info.width, heightPx: info.height, values: data }, width, height).map(isMarked);
}

/** Whether what is solid has one colour throughout: a drawn mask, not a photograph with a hole. Looked at in small. */
async function isOneColour(decoded: Sharp): Promise<boolean> {
	const small = decoded.clone().toColourspace("srgb").ensureAlpha();
	const pixels = await small.resize({ width: 512, height: 512, fit: "fill", kernel: "nearest" }).raw().toBuffer();
	const [least, most] = [
		[255, 255, 255],
		[0, 0, 0],
	];
	for (let at = 0; at < pixels.length; at += 4) {
		if (!isMarked(pixels[at + 3] ?? 0)) continue;
		for (let channel = 0; channel < 3; channel++) {
			const value = pixels[at + channel] ?? 0;
			least[channel] = Math.min(least[channel] ?? 255, value);
			most[channel] = Math.max(most[channel] ?? 0, value);
		}
	}
	return most.every((value, channel) => value - (least[channel] ?? 0) <= sameColour);
}
