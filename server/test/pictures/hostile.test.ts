import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { codeOf, expectClean, limits } from "./expectClean.ts";
import { animatedWebp, gif, sample } from "./fileCorpus.ts";

const gate = createPictureGate({ processes: 2 });
afterAll(() => gate.close());

async function corpus(): Promise<[string, Buffer][]> {
	const pixels = sample();
	return [
		["PNG", await pixels.clone().png().toBuffer()],
		["JPEG", await pixels.clone().jpeg().toBuffer()],
		["WebP", await pixels.clone().webp().toBuffer()],
		["lossless WebP", await pixels.clone().webp({ lossless: true }).toBuffer()],
		["animated WebP", await animatedWebp()],
		["AVIF", await pixels.clone().avif().toBuffer()],
		["GIF", await pixels.clone().gif().toBuffer()],
		["GIF of many frames", gif(40)],
	];
}
const files = await corpus();
const typed = ["picture_unsupported", "picture_corrupt", "picture_too_large", "picture_polyglot", "decode_limit"];

test.each(files)("a %s cut at any tenth is refused as damaged", async (_name, bytes) => {
	for (let tenth = 1; tenth < 10; tenth++) {
		const cut = bytes.subarray(0, Math.floor((bytes.length * tenth) / 10));
		expect(["picture_corrupt", "picture_unsupported"]).toContain(await codeOf(gate.admit(cut, limits)));
	}
	expect(await codeOf(gate.admit(bytes, limits))).toBe("no error");
});

test("a JPEG cut inside its pixels is damaged even with an end marker pasted on", async () => {
	const jpeg = await sample(300, 200).jpeg().toBuffer();
	const pasted = Buffer.concat([jpeg.subarray(0, jpeg.length - 400), Buffer.from([0xff, 0xd9])]);
	expect(await codeOf(gate.admit(pasted, limits))).toBe("picture_corrupt");
});

test("a PNG with one damaged pixel byte is refused by its checksum", async () => {
	const png = await sample(300, 200).png().toBuffer();
	png[png.length >> 1] = (png[png.length >> 1] ?? 0) ^ 0x55;
	expect(await codeOf(gate.admit(png, limits))).toBe("picture_corrupt");
});

test("bytes flipped anywhere give a clean picture or a typed error, never anything else", async () => {
	const flips = fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
		minLength: 1,
		maxLength: 6,
	});
	const property = fc.asyncProperty(fc.constantFrom(...files), flips, async ([, bytes], changes) => {
		const damaged = Buffer.from(bytes);
		for (const [where, mask] of changes) {
			const at = Math.floor(where * damaged.length);
			damaged[at] = (damaged[at] ?? 0) ^ mask;
		}
		const outcome = gate.admit(damaged, limits);
		const code = await codeOf(outcome);
		if (code === "no error") await expectClean(await outcome);
		else expect(typed).toContain(code);
	});
	await fc.assert(property, { numRuns: 200 });
	await expectClean(await gate.admit(await sample().png().toBuffer(), limits));
}, 120_000);

test("random bytes behind every known signature give a typed error", async () => {
	const signatures = files.map(([, bytes]) => bytes.subarray(0, 16));
	const property = fc.asyncProperty(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 200 }), async (signature, noise) => {
		expect(typed).toContain(await codeOf(gate.admit(Buffer.concat([signature, noise]), limits)));
	});
	await fc.assert(property, { numRuns: 100 });
}, 60_000);
