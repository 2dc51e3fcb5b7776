import { cp, mkdtemp, open, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Engine, Picture } from "../../src/domain/ports.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";

const modelsDir = join(import.meta.dirname, "../../../models");
const pictures = createPictureGate();
const engine = await createLocalEngine({ modelsDir, pictures });

afterAll(async () => {
	await engine.close();
	await pictures.close();
});

async function draw(prompt: string, target: Engine = engine): Promise<Picture> {
	const params = { prompt, seed: 1, steps: 4, widthPx: 128, heightPx: 128 };
	const context = { signal: new AbortController().signal, onProgress: () => {}, onPreview: () => {} };
	const { pictures: made } = await target.run({ kind: "generate", model: "embedded", params, inputs: {} }, context);
	if (!made.image) throw new Error("no picture was made");
	return made.image;
}

describe("the files of the models", () => {
	const withCopy = async (change: (dir: string) => Promise<void>, check: (engine: Engine) => Promise<void>) => {
		const dir = await mkdtemp(join(tmpdir(), "glassworks-models-"));
		await cp(join(modelsDir, "glyph"), join(dir, "glyph"), { recursive: true });
		await cp(join(modelsDir, "upscale/realesr-animevideov3-x4.onnx"), join(dir, "upscale/realesr-animevideov3-x4.onnx"));
		const copied = await createLocalEngine({ modelsDir: dir, pictures });
		try {
			await change(dir);
			await check(copied);
		} finally {
			await copied.close();
			await rm(dir, { recursive: true });
		}
	};
	/** Turns over one bit in each of 4096 bytes in the middle of the file, where the weights are. */
	const perturb = async (path: string) => {
		const file = await open(path, "r+");
		const { size } = await file.stat();
		const bytes = Buffer.alloc(4096);
		await file.read(bytes, 0, 4096, size >> 1);
		await file.write(
			bytes.map((byte) => byte ^ 0x20),
			0,
			4096,
			size >> 1,
		);
		await file.close();
	};

	it("make the picture: other weights in any one network give other pixels and another digest", async () => {
		const [thing, scene] = ["happy snow person", "a red apple left of a green tree"];
		const [capabilities, originals] = [await engine.capabilities(), new Map([thing, scene].map((prompt) => [prompt, draw(prompt)]))];
		for (const [file, prompt] of [
			...["glyph-text.onnx", "glyph-prior.onnx", "glyph-step.onnx", "minilm.onnx", "../upscale/realesr-animevideov3-x4.onnx"].map(
				(file) => [file, thing] as const,
			),
			...["scene-cut.onnx", "scene-unite.onnx"].map((file) => [file, scene] as const),
		]) {
			const original = await originals.get(prompt);
			await withCopy(
				(dir) => perturb(join(dir, "glyph", file)),
				async (changed) => {
					const picture = await draw(prompt, changed);
					expect(Buffer.compare(picture.bytes, original?.bytes ?? new Uint8Array()), file).not.toBe(0);
					const [own] = (await changed.capabilities()).filter(({ capability }) => capability === "generate:embedded");
					expect(capabilities).not.toContainEqual(own);
					expect(own?.digest).toMatch(/^[0-9a-f]{64}$/);
				},
			);
		}
	});

	it("are named when they are missing, and the capability is not offered", async () => {
		await withCopy(
			(dir) => rm(join(dir, "glyph/glyph-prior.onnx")),
			async (lacking) => {
				await expect(draw("a red apple", lacking)).rejects.toMatchObject({
					code: "model_missing",
					message: expect.stringContaining("glyph-prior.onnx"),
				});
				expect((await lacking.capabilities()).map(({ capability }) => capability)).toEqual([
					"encode:standard",
					"upscale:realesr-animevideov3",
					"inpaint:telea",
					"inpaint:mirror",
					"composite:standard",
					"resize:standard",
				]);
			},
		);
	});

	it("are named when they are cut short, with the command that finds out more, and work again once repaired", async () => {
		const original = await draw("a red apple");
		for (const file of ["glyph-step.onnx", "minilm.onnx", "minilm.embed.bin", "concepts.json", "concepts.i8", "vocab.txt"]) {
			await withCopy(
				async (dir) => {
					await truncate(join(dir, "glyph", file), 1000);
					const damaged = await createLocalEngine({ modelsDir: dir, pictures });
					const wanted = { code: "model_missing", message: expect.stringContaining("glassworks models verify") };
					await expect(draw("a red apple", damaged), file).rejects.toMatchObject(wanted);
					await cp(join(modelsDir, "glyph", file), join(dir, "glyph", file));
					expect(Buffer.compare((await draw("a red apple", damaged)).bytes, original.bytes), file).toBe(0);
					await damaged.close();
				},
				async () => {},
			);
		}
	});
});
