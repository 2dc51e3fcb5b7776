import { expect, it } from "vitest";
import { blendInto } from "./composite.ts";

const noise = (length: number, seed: number) =>
	Uint8Array.from({ length }, (_, at) => (at * 7_919 + seed * 104_729 + ((at * at) % 251)) % 256);
const size = { widthPx: 12, heightPx: 9 };
const pixelCount = 12 * 9;

it.each([3, 4] as const)("where the mask is 0 not a byte of %i channels changes, and outside the window nothing does", (channels) => {
	const before = noise(pixelCount * channels, 1);
	const original = { ...size, channels, pixels: new Uint8Array(before) };
	const mask = { ...size, values: noise(pixelCount, 2).map((value) => (value < 128 ? 0 : value)) };
	const box = { left: 3, top: 2, widthPx: 6, heightPx: 5 };
	blendInto(original, { widthPx: 6, heightPx: 5, rgb: noise(6 * 5 * 3, 3) }, mask, box);
	let changed = 0;
	for (let at = 0; at < pixelCount; at++) {
		const [x, y] = [at % 12, Math.floor(at / 12)];
		const isInside = x >= 3 && x < 9 && y >= 2 && y < 7;
		const [now, then] = [original.pixels, before].map((pixels) => [...pixels.subarray(at * channels, (at + 1) * channels)]);
		if (mask.values[at] === 0 || !isInside) expect(now).toEqual(then);
		else if (String(now) !== String(then)) changed++;
	}
	expect(changed).toBeGreaterThan(5);
});

it("where the mask is 255 the edit is taken whole and solid", () => {
	const original = { widthPx: 1, heightPx: 1, channels: 4 as const, pixels: Uint8Array.of(10, 20, 30, 0) };
	const one = { left: 0, top: 0, widthPx: 1, heightPx: 1 };
	blendInto(
		original,
		{ widthPx: 1, heightPx: 1, rgb: Uint8Array.of(200, 100, 50) },
		{ widthPx: 1, heightPx: 1, values: Uint8Array.of(255) },
		one,
	);
	expect([...original.pixels]).toEqual([200, 100, 50, 255]);
});

it("the hidden colour of a clear pixel never shows through a half edited one", () => {
	const original = { widthPx: 1, heightPx: 1, channels: 4 as const, pixels: Uint8Array.of(0, 255, 0, 0) };
	const one = { left: 0, top: 0, widthPx: 1, heightPx: 1 };
	blendInto(
		original,
		{ widthPx: 1, heightPx: 1, rgb: Uint8Array.of(200, 100, 50) },
		{ widthPx: 1, heightPx: 1, values: Uint8Array.of(51) },
		one,
	);
	expect([...original.pixels]).toEqual([200, 100, 50, 51]);
});
