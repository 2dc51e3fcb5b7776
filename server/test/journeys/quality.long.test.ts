/** The quality pipeline as whole jobs: a photograph in over HTTP, a finished picture out. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { convertCheckpoint } from "../../src/models/convertCheckpoint.ts";
import { caller, download, finished } from "../http/call.ts";
import { shippedModels, writeRandomCheckpoint } from "../support/randomCheckpoint.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const photograph = join(import.meta.dirname, "../data/photographs/astronaut.jpg");

describe("with a face restorer installed", { timeout: 180_000 }, () => {
	let folder = "";
	let app: TestApp;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "gw-quality-"));
		const checkpointFile = join(folder, "random.pth");
		await writeRandomCheckpoint("gfpgan", checkpointFile);
		const signal = new AbortController().signal;
		await convertCheckpoint({
			network: "gfpgan",
			checkpointFile,
			modelsDir: shippedModels,
			dataModelsDir: join(folder, "models"),
			signal,
			onProgress() {},
		});
		app = await startTestApp({ GLASSWORKS_DATA: folder });
	}, 120_000);
	afterAll(async () => {
		await app?.close();
		await rm(folder, { recursive: true, force: true });
	});

	const restore = async (faceFidelity: number) => {
		const call = caller(app.url, app.ownerKey);
		const raw = new Uint8Array(await readFile(photograph));
		const asset = (await call("POST", "/api/v1/assets", { raw, headers: { "content-type": "image/jpeg" } })).body as unknown as {
			id: string;
		};
		const { body } = await call("POST", "/api/v1/generations", {
			body: {
				prompt: "a person",
				image: { asset_id: asset.id },
				strength: 0,
				width: 512,
				height: 512,
				upscale: false,
				face_fidelity: faceFidelity,
			},
		});
		const job = await finished(call, app.ownerKey, body);
		const [image] = job.images;
		expect(job.status, JSON.stringify(job)).toBe("succeeded");
		const pixels = async (url: string | null | undefined) =>
			sharp((await download(url ?? "")).bytes)
				.removeAlpha()
				.raw()
				.toBuffer();
		return { image, result: await pixels(image?.url), original: await pixels(image?.original_url) };
	};

	test("a face in the picture is restored, the rest is untouched, and the picture before it is kept", async () => {
		const { image, result, original } = await restore(0);
		expect(image?.skipped.map((step) => step.step)).toEqual(["upscale"]);
		expect(result.length).toBe(original.length);
		let changed = 0;
		for (let pixel = 0; pixel < result.length; pixel += 3) if (result[pixel] !== original[pixel]) changed++;
		expect(changed).toBeGreaterThan(500);
		expect(changed).toBeLessThan((512 * 512) / 2);
		expect(JSON.stringify(image?.recipe)).toContain("model_digest");
	});

	test("at fidelity 1 the restored picture is the original", async () => {
		const { result, original } = await restore(1);
		expect(result.equals(original)).toBe(true);
	});

	test("who asks for CodeFormer, which is not installed, is told so in the quote and pays nothing for it; GFPGAN, which is, has a line", async () => {
		const quote = async (body: object) => {
			const asked = { prompt: "a person", width: 256, height: 256, upscale: false, ...body };
			return (await caller(app.url, app.ownerKey)("POST", "/api/v1/quotes", { body: asked })).body;
		};
		const skipped = { step: "restore_faces", reason: "model_missing" };
		const line = { step: "restore_faces", label: "Face restoration (gfpgan)" };
		const [usual, other] = [await quote({}), await quote({ face_restorer: "codeformer" })];
		expect(usual.lines).toContainEqual(expect.objectContaining(line));
		expect(usual.skipped).not.toContainEqual(expect.objectContaining(skipped));
		expect(other.skipped).toContainEqual(expect.objectContaining(skipped));
		expect(other.lines).not.toContainEqual(expect.objectContaining({ step: "restore_faces" }));
		expect(await quote({ face_restorer: "another" })).toMatchObject({ errors: [{ path: ["face_restorer"] }] });
	});
});

describe("with what ships", { timeout: 180_000 }, () => {
	let app: TestApp;
	beforeAll(async () => {
		app = await startTestApp();
	});
	afterAll(() => app?.close());

	test("a drawing is upscaled four times, and every skipped step says why", async () => {
		const call = caller(app.url, app.ownerKey);
		const { body } = await call("POST", "/api/v1/generations", { body: { prompt: "a red apple", seed: 7, width: 128, height: 64 } });
		const [image] = (await finished(call, app.ownerKey, body)).images;
		expect(image).toMatchObject({
			width: 512,
			height: 256,
			understood_as: "red apple",
			skipped: [{ step: "restore_faces", reason: "model_missing" }],
		});
	});

	test("a recipe is embedded when asked, and makes the same picture again", async () => {
		const call = caller(app.url, app.ownerKey);
		const asked = { prompt: "a blue fish", seed: 11, upscale: false, embed_recipe: true };
		const make = async () => finished(call, app.ownerKey, (await call("POST", "/api/v1/generations", { body: asked })).body);
		const [first, second] = [(await make()).images[0], (await make()).images[0]];
		const bytes = Buffer.from((await download(first?.url ?? "")).bytes);
		expect(bytes.includes("a blue fish")).toBe(true);
		expect((await download(second?.original_url ?? "")).bytes).toEqual((await download(first?.original_url ?? "")).bytes);
		const plain = await finished(
			call,
			app.ownerKey,
			(await call("POST", "/api/v1/generations", { body: { ...asked, embed_recipe: false } })).body,
		);
		expect(Buffer.from((await download(plain.images[0]?.url ?? "")).bytes).includes("fish")).toBe(false);
	});
});
