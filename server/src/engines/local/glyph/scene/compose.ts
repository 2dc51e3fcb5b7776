import { type RawPixels, resizePixels } from "../../canvas.ts";
import { type Place, sceneSidePx } from "./layout.ts";

/** Things on their background. */
export interface Composition {
	/** 3 bytes a pixel, rows from the top. */
	readonly rgb: Uint8Array;
	/** Per pixel how much of the background things hide, 0 to 1. */
	readonly covered: Float32Array;
}

/** Share of the light taken in the middle of a shadow. */
const shadowDepth = 0.28;

/** The part of a place that a sprite of this shape fills: as large as it fits, on the lower edge, in the middle. */
function fit(sprite: RawPixels, place: Place): Place {
	const scale = Math.min(place.widthPx / sprite.widthPx, place.heightPx / sprite.heightPx);
	const widthPx = Math.max(1, Math.round(sprite.widthPx * scale));
	const heightPx = Math.max(1, Math.round(sprite.heightPx * scale));
	return { ...place, widthPx, heightPx, left: place.left + ((place.widthPx - widthPx) >> 1), top: place.top + place.heightPx - heightPx };
}

/** An ellipse where the thing stands. */
function darken(rgb: Uint8Array, { left, top, widthPx, heightPx }: Place): void {
	for (let at = 0; at < sceneSidePx ** 2; at++) {
		const across = ((at % sceneSidePx) + 0.5 - left - widthPx / 2) / (0.55 * widthPx);
		const down = (Math.floor(at / sceneSidePx) + 0.5 - top - heightPx) / (0.12 * widthPx);
		const shade = 1 - shadowDepth * Math.max(0, 1 - across ** 2 - down ** 2);
		if (shade < 1) for (let byte = 3 * at; byte < 3 * at + 3; byte++) rgb[byte] = Math.round(shade * (rgb[byte] ?? 0));
	}
}

async function paste({ rgb, covered }: Composition, sprite: RawPixels, place: Place): Promise<void> {
	const { pixels } = await resizePixels(sprite, place.widthPx, place.heightPx);
	for (let at = 0; at < place.widthPx * place.heightPx; at++) {
		const [x, y] = [place.left + (at % place.widthPx), place.top + Math.floor(at / place.widthPx)];
		if (x < 0 || y < 0 || x >= sceneSidePx || y >= sceneSidePx) continue;
		const solid = (pixels[4 * at + 3] ?? 0) / 255;
		const to = y * sceneSidePx + x;
		for (let channel = 0; channel < 3; channel++) {
			const under = rgb[3 * to + channel] ?? 0;
			rgb[3 * to + channel] = Math.round(under + solid * ((pixels[4 * at + channel] ?? 0) - under));
		}
		covered[to] = solid + (1 - solid) * (covered[to] ?? 0);
	}
}

/** Puts sprites (red, green, blue, how solid), one a place and the farthest first, on a background, with shadows where they stand. */
export async function compose(background: Uint8Array, sprites: readonly RawPixels[], places: readonly Place[]): Promise<Composition> {
	const composition = { rgb: new Uint8Array(background), covered: new Float32Array(sceneSidePx ** 2) };
	const fitted = sprites.flatMap((sprite, at) => {
		const place = places[at];
		return place ? [{ sprite, place: fit(sprite, place) }] : [];
	});
	for (const { place } of fitted) if (place.grounded) darken(composition.rgb, place);
	for (const { sprite, place } of fitted) await paste(composition, sprite, place);
	return composition;
}
