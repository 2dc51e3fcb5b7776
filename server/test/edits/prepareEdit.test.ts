/** What an edit is made of before it is queued: pictures through the real child process, engines as some operator might have them. */
import { createHash } from "node:crypto";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import type { EditRequest } from "../../src/domain/edits/editRequest.ts";
import { type EditPorts, prepareEdit } from "../../src/domain/edits/prepareEdit.ts";
import { noTraits, type Traits } from "../../src/domain/engines/traits.ts";
import type { BlobRef } from "../../src/domain/jobs/job.ts";
import { operatorConfig } from "../../src/domain/plans/operatorConfig.ts";
import type { Capability } from "../../src/domain/ports.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";
import { drawShapes } from "../support/testPictures.ts";

const pictures = createPictureGate();
afterAll(() => pictures.close());
const kept = new Map<string, Uint8Array>();
const keep = (bytes: Uint8Array) => {
	const sha256 = createHash("sha256").update(bytes).digest("hex");
	kept.set(sha256, bytes);
	return sha256;
};
const bytesOf = (ref: unknown) => kept.get((ref as BlobRef).sha256) ?? new Uint8Array();

const all: Traits["operations"] = ["remove", "fill", "replace", "insert", "outpaint"];
const sdxl: Traits = { ...noTraits, operations: all, controlNets: ["sdxl-canny"], maxControlNets: null, preprocessors: ["canny"] };
const ports: EditPorts = {
	config: operatorConfig.parse(glassworks),
	workers: { live: async () => new Map([["gpu", new Map<Capability, Traits>([["inpaint:sdxl", sdxl]])]]) },
	pictures,
	blobs: { put: async (_tenant, bytes) => ({ sha256: keep(bytes) }), get: async (_tenant, sha256) => kept.get(sha256) ?? new Uint8Array() },
	pictureLimits: { maxBytes: 20_000_000, maxPixels: 4_000_000 },
	dedicatedPools: async () => ({}),
	liveForMs: 60_000,
};
const as = (plan: string) => ({ tenantId: "t", plan, keyId: null, userId: null, scopes: ["generate"] as const });

const picture = async (width: number, height: number): Promise<BlobRef> => {
	const shapes = `<rect width="100%" height="100%" fill="#4080c0"/><rect width="50%" height="50%" fill="#c04020"/>`;
	const bytes = await drawShapes(width, height, shapes).removeAlpha().png().toBuffer();
	return { sha256: keep(bytes), mediaType: "image/png", widthPx: width, heightPx: height, bytes: bytes.length };
};
const plain: Omit<EditRequest, "operation" | "image" | "area"> = {
	...{ prompt: "", model: null, refine: null, shapeFidelity: null, count: 1, seed: null, steps: null, guidance: null },
	...{
		restoreFaces: false,
		faceRestorer: "gfpgan",
		faceFidelity: 0.5,
		upscale: false,
		format: "png",
		quality: 90,
		embedRecipe: false,
		runAfter: null,
		metadata: {},
	},
};
const outpaint = async (image: BlobRef, margins: Partial<Record<"left" | "top" | "right" | "bottom", number>>, plan = "owner") =>
	prepareEdit(ports, as(plan), {
		...{ ...plain, operation: "outpaint", image },
		area: { kind: "extend", margins: { left: 0, top: 0, right: 0, bottom: 0, ...margins }, featherPx: 12 },
	});
const grey = (bytes: Uint8Array) => sharp(bytes).toColourspace("b-w").extractChannel(0).raw().toBuffer();

test("outpainting enlarges the picture, marks the border and fades into the old picture; the original stays the one that was given", async () => {
	const image = await picture(600, 400);
	const { edit, paint } = await outpaint(image, { left: 100, bottom: 60 });
	expect(edit).toMatchObject({
		model: "sdxl",
		operation: "outpaint",
		source: { sha256: image.sha256 },
		image: { widthPx: 700, heightPx: 460 },
	});
	const [before, extended] = await Promise.all([image, edit.image].map((ref) => sharp(bytesOf(ref)).raw().toBuffer()));
	for (let y = 0; y < 400; y++)
		expect(
			extended
				?.subarray((y * 700 + 100) * 3, (y + 1) * 700 * 3)
				.equals(before?.subarray(y * 600 * 3, (y + 1) * 600 * 3) ?? Buffer.alloc(0)),
		).toBe(true);
	const mask = await grey(bytesOf(edit.mask));
	expect([mask[200 * 700 + 99], mask[430 * 700 + 400], mask[200 * 700 + 300]]).toEqual([255, 255, 0]);
	expect([mask[200 * 700 + 111], mask[200 * 700 + 112]]).toEqual([3, 0]);
	// 460 px is less than the model's least side.
	expect(paint).toEqual({ widthPx: 776, heightPx: 512 });
	expect(await sharp(bytesOf(edit.paintImage)).metadata()).toMatchObject({ width: 776, height: 512 });
	const hard = await grey(bytesOf(edit.paintMask));
	expect(hard.every((value) => value === 0 || value === 255)).toBe(true);
});

test("what is extended must stay within the plan and within what pictures may have", async () => {
	await expect(outpaint(await picture(1_000, 400), { left: 100 }, "pro")).rejects.toMatchObject({
		code: "size_over_plan",
		data: { max: 1_024, asked: 1_100 },
	});
	// A side that does not grow is not the plan's business.
	expect((await outpaint(await picture(1_100, 400), { top: 100 }, "pro")).edit).toMatchObject({ image: { widthPx: 1_100, heightPx: 500 } });
	await expect(outpaint(await picture(1_000, 1_000), { left: 4_000 })).rejects.toMatchObject({
		code: "picture_too_large",
		data: { max: 4_000_000 },
	});
	await expect(outpaint(await picture(64, 64), {})).rejects.toMatchObject({ code: "mask_invalid", data: { reason: "empty" } });
});

test("a model is shown a window of a large picture, and a ControlNet's map is made from that window", async () => {
	const image = await picture(1_900, 1_500);
	const polygons = [
		[
			[1_700, 1_300],
			[1_760, 1_300],
			[1_760, 1_360],
		],
	] as [number, number][][];
	const { edit, window, paint } = await prepareEdit(ports, as("owner"), {
		...{ ...plain, operation: "replace", prompt: "a boat", image, refine: { control: "canny", strength: 0.6 } },
		area: { kind: "mask", source: { kind: "polygons", polygons }, invert: false, growPx: 0, featherPx: 4 },
	});
	expect(window).toEqual({ left: 876, top: 476, widthPx: 1_024, heightPx: 1_024 });
	expect(paint).toEqual({ widthPx: 1_024, heightPx: 1_024 });
	expect(edit).toMatchObject({
		controls: [{ net: "sdxl-canny", strength: 0.6, preprocess: true }],
		controlImages: [edit.paintImage],
		window,
		widthPx: 1_024,
		image: { sha256: image.sha256 },
	});
	const whole = await sharp(bytesOf(image)).extract({ left: 876, top: 476, width: 1_024, height: 1_024 }).raw().toBuffer();
	expect((await sharp(bytesOf(edit.paintImage)).raw().toBuffer()).equals(whole)).toBe(true);
	// Everything that may change at all is repainted: the feather too.
	const [soft, hard] = [await grey(bytesOf(edit.mask)), await grey(bytesOf(edit.paintMask))];
	for (let y = 0; y < 1_024; y++)
		for (let x = 0; x < 1_024; x++)
			if ((soft[(476 + y) * 1_900 + 876 + x] ?? 0) > 0 !== (hard[y * 1_024 + x] ?? 0) > 0) throw new Error(`differs at ${x},${y}`);
});

test("a plan's largest side is what an edit is painted at, whatever the picture's size", async () => {
	const image = await picture(1_900, 1_500);
	const polygons = [
		[
			[0, 0],
			[1, 0],
			[1, 0.9],
			[0, 0.9],
		],
	] as [number, number][][];
	const { edit, paint } = await prepareEdit(ports, as("pro"), {
		...{ ...plain, operation: "replace", prompt: "a boat", image },
		area: { kind: "mask", source: { kind: "polygons", polygons }, invert: false, growPx: 0, featherPx: 4 },
	});
	expect(Math.max(paint.widthPx, paint.heightPx)).toBe(1_024);
	expect(edit).toMatchObject({ image: { widthPx: 1_900 }, widthPx: paint.widthPx });
});
