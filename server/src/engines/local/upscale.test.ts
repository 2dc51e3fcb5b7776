import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decode, resize } from "./canvas.ts";
import { fromPlanes } from "./planes.ts";
import { onnxRun } from "./runtime/sessions.ts";
import type { RawImage } from "./runtime/types.ts";
import { upscaleImage } from "./upscale.ts";

const root = join(import.meta.dirname, "../../../..");
const drawingNet = join(root, "models/upscale/realesr-animevideov3-x4.onnx");
const photoNet = join(root, "models/upscale/realesrgan-x4plus.onnx");
const run = onnxRun(new Map(), new AbortController().signal);
const upscale = (file: string, image: RawImage) => upscaleImage(run, file, image, () => {});

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="800" viewBox="0 0 200 200"><rect width="200" height="200" fill="#fdf6e3"/>
<circle cx="70" cy="80" r="48" fill="#e4572e" stroke="#222" stroke-width="4"/><path d="M20 180 L100 110 L180 180 Z" fill="#17bebb" stroke="#222" stroke-width="4"/>
<path d="M130 20 q30 30 50 0 t0 60" fill="none" stroke="#2e282a" stroke-width="6"/><g stroke="#444" stroke-width="2">
${Array.from({ length: 12 }, (_, at) => `<line x1="${120 + at * 6}" y1="100" x2="${126 + at * 5}" y2="150"/>`).join("")}</g></svg>`;

const svg = (sidePx: number) => sharp(Buffer.from(drawing)).resize(sidePx, sidePx).png().toBuffer().then(decode);
const photo = (widthPx: number, heightPx: number) =>
	sharp(join(root, "server/test/data/photographs/astronaut.jpg")).resize(widthPx, heightPx).png().toBuffer().then(decode);

/** Variance of the Laplacian of the green channel: how much fine detail a picture has. */
function sharpness({ rgb, widthPx, heightPx }: RawImage): number {
	const green = (x: number, y: number) => rgb[(y * widthPx + x) * 3 + 1] ?? 0;
	let [sum, squares, count] = [0, 0, 0];
	for (let y = 1; y < heightPx - 1; y++) {
		for (let x = 1; x < widthPx - 1; x++) {
			const value = green(x - 1, y) + green(x + 1, y) + green(x, y - 1) + green(x, y + 1) - 4 * green(x, y);
			sum += value;
			squares += value * value;
			count++;
		}
	}
	return squares / count - (sum / count) ** 2;
}

function psnr(a: RawImage, b: RawImage): number {
	const squares = a.rgb.reduce((sum, value, at) => sum + (value - (b.rgb[at] ?? 0)) ** 2, 0);
	return 10 * Math.log10(255 ** 2 / (squares / a.rgb.length));
}

/** Mean difference between the columns left and right of `x`: a seam would raise it. */
function stepAcross({ rgb, widthPx, heightPx }: RawImage, x: number): number {
	let sum = 0;
	for (let y = 0; y < heightPx; y++) sum += Math.abs((rgb[(y * widthPx + x) * 3] ?? 0) - (rgb[(y * widthPx + x - 1) * 3] ?? 0));
	return sum / heightPx;
}

function largestDifference(a: RawImage, b: RawImage): number {
	return a.rgb.reduce((most, value, at) => Math.max(most, Math.abs(value - (b.rgb[at] ?? 0))), 0);
}

/** The same net over the whole picture at once, with its edge pixels repeated as the tiles do. */
async function upscaleWhole(file: string, image: RawImage): Promise<RawImage> {
	const margin = 16;
	const wide = await sharp(image.rgb, { raw: { width: image.widthPx, height: image.heightPx, channels: 3 } })
		.extend({ top: margin, bottom: margin, left: margin, right: margin, extendWith: "copy" })
		.raw()
		.toBuffer();
	const [width, height] = [image.widthPx + 2 * margin, image.heightPx + 2 * margin];
	const planes = new Float32Array(3 * width * height);
	for (let at = 0; at < wide.length; at++) planes[(at % 3) * width * height + Math.floor(at / 3)] = (wide[at] ?? 0) / 255;
	const { output } = await run(file, { data: { data: planes, dims: [1, 3, height, width] } });
	const large = fromPlanes(output?.data ?? new Float32Array(), width * 4, height * 4, 0, 1);
	const cut = { left: margin * 4, top: margin * 4, width: image.widthPx * 4, height: image.heightPx * 4 };
	return sharp(large.rgb, { raw: { width: large.widthPx, height: large.heightPx, channels: 3 } })
		.extract(cut)
		.png()
		.toBuffer()
		.then(decode);
}

describe("an enlarged picture", () => {
	it("is exactly four times as large, whatever its size", async () => {
		for (const [widthPx, heightPx] of [
			[1, 1],
			[7, 130],
			[97, 33],
		] as const) {
			const large = await upscale(drawingNet, await resize(await svg(64), widthPx, heightPx));
			expect([large.widthPx, large.heightPx, large.rgb.length]).toEqual([widthPx * 4, heightPx * 4, widthPx * heightPx * 48]);
		}
	});

	it("of a drawing is at least four times sharper than Lanczos makes it, and no less like the original", async () => {
		const [original, small] = [await svg(512), await svg(128)];
		const [large, lanczos] = [await upscale(drawingNet, small), await resize(small, 512, 512)];
		expect(sharpness(large)).toBeGreaterThan(4 * sharpness(lanczos));
		expect(sharpness(large)).toBeLessThan(1.5 * sharpness(original));
		expect(psnr(large, original)).toBeGreaterThan(psnr(lanczos, original) - 3);
	});

	it("of a photograph is at least four times sharper than Lanczos makes it", async () => {
		const small = await photo(56, 56);
		const [large, lanczos] = [await upscale(photoNet, small), await resize(small, 224, 224)];
		expect(sharpness(large)).toBeGreaterThan(4 * sharpness(lanczos));
		expect(psnr(large, await photo(224, 224))).toBeGreaterThan(psnr(lanczos, await photo(224, 224)) - 3);
	});

	it("shows no seams where tiles meet: it is what the net makes of the whole", async () => {
		const small = await photo(200, 110);
		const [tiled, whole] = [await upscale(drawingNet, small), await upscaleWhole(drawingNet, small)];
		expect(largestDifference(tiled, whole)).toBeLessThanOrEqual(2);
	});

	it("shows no seams with the large net for photographs either", async () => {
		const small = await photo(100, 40);
		const [tiled, whole] = [await upscale(photoNet, small), await upscaleWhole(photoNet, small)];
		expect(psnr(tiled, whole)).toBeGreaterThan(45);
		expect(stepAcross(tiled, 200)).toBeLessThan(1.1 * stepAcross(whole, 200));
	});

	it("keeps plain areas plain up to the edges", async () => {
		const plain = { widthPx: 120, heightPx: 30, rgb: new Uint8Array(120 * 30 * 3).fill(200) };
		const { rgb } = await upscale(drawingNet, plain);
		const middle = rgb[(60 * 480 + 240) * 3] ?? 0;
		expect(rgb.every((value) => Math.abs(value - middle) <= 2 && Math.abs(value - 200) <= 6)).toBe(true);
	});
});
