/** A LoRA from its training pictures to the pictures drawn with it: trained on the sidecar, used through the whole platform. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import { createSidecarClient, type SidecarResult, usualTimings } from "../../src/engines/diffusers/client.ts";
import { type Call, caller, download, finished } from "../http/call.ts";
import { buildTinyModels, hasSidecar, type Sidecar, startSidecar } from "../support/diffusersSidecar.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

/** The shipped file, with the tiny network in the place of Stable Diffusion 1.5 and a LoRA that is still to be trained. */
const operator = {
	...glassworks,
	models: glassworks.models.map((model) =>
		model.name === "sd15" ? { ...model, minSidePx: 64, recipe: { ...model.recipe, diffusers: "tiny-sd15" } } : model,
	),
	loras: [{ name: "red-walls", title: "Red walls", family: "sd15", files: ["red-walls.safetensors"] }],
};

const drawing = { prompt: "a red wall", model: "sd15", seed: 7, steps: 4, width: 64, height: 64, upscale: false, restore_faces: false };

describe.skipIf(!hasSidecar)("a LoRA trained on the sidecar", { timeout: 300_000 }, () => {
	let models: string;
	let folder: string;
	let sidecar: Sidecar;
	let app: TestApp;
	let call: Call;

	beforeAll(async () => {
		models = await buildTinyModels();
		sidecar = await startSidecar(models);
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-lora-"));
		const file = path.join(folder, "operator.mjs");
		await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
		app = await startTestApp({ GLASSWORKS_CONFIG: file, GLASSWORKS_HEARTBEAT_MS: "200" });
		call = caller(app.url, app.ownerKey);
	}, 300_000);
	afterAll(async () => {
		await app?.close();
		await sidecar?.close();
		for (const each of [models, folder]) await rm(each, { recursive: true, force: true });
	});

	async function train(losses: number[]): Promise<SidecarResult> {
		const wall = async (background: string) => {
			const png = await sharp({ create: { width: 80, height: 64, channels: 3, background } })
				.png()
				.toBuffer();
			return { image: png.toString("base64"), caption: `a ${background} wall` };
		};
		const job = {
			...{ kind: "train_lora", run: "trn-walls", publishAs: "red-walls", model: "tiny-sd15" },
			...{ steps: 20, rank: 8, learningRate: 0.05, sidePx: 64, checkpointEvery: 10 },
			...{ sampleEvery: 10, samplePrompts: ["a red wall"], sampleSteps: 2 },
			pictures: [await wall("red"), await wall("darkred"), await wall("tomato")],
		};
		const client = createSidecarClient(sidecar.url, sidecar.headers, usualTimings);
		return client.run(job, { onLoss: ({ loss }) => losses.push(loss) }, new AbortController().signal);
	}

	/** Until somebody alive can run the model. */
	async function untilAvailable(model: string): Promise<void> {
		for (;;) {
			const { data } = (await call("GET", "/api/v1/models")).body as unknown as { data: { name: string; available: boolean }[] };
			if (data.find(({ name }) => name === model)?.available) return;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}

	async function draw(loras: object[]): Promise<string> {
		const { body, status, text } = await call("POST", "/api/v1/generations", { body: { ...drawing, loras } });
		expect(status, text).toBe(202);
		const job = await finished(call, app.ownerKey, body);
		expect(job.status, JSON.stringify(job)).toBe("succeeded");
		const { bytes } = await download(job.images[0]?.url ?? "");
		return (await sharp(bytes).raw().toBuffer()).toString("base64");
	}

	test("changes what is drawn, follows its strength, and at strength 0 the picture is the one without it", async () => {
		const losses: number[] = [];
		const { outputs, facts } = await train(losses);
		expect(losses).toHaveLength(20);
		expect(outputs.map(({ role }) => role)).toEqual(["sample", "sample", "lora_diffusers", "lora_kohya"]);
		expect(facts).toMatchObject({ lora: "red-walls", steps: 20 });

		const added = await call("POST", "/api/v1/engines", { body: { url: sidecar.url, headers: sidecar.headers } });
		expect(added.status, added.text).toBe(201);
		expect(added.text).toContain('"diffusers"');
		await untilAvailable("sd15");

		const without = await draw([]);
		const full = await draw([{ name: "red-walls" }]);
		const half = await draw([{ name: "red-walls", strength: 0.5 }]);
		expect(new Set([without, full, half]).size).toBe(3);
		expect(await draw([{ name: "red-walls", strength: 0 }])).toBe(without);
		expect(await draw([])).toBe(without);
	});
});
