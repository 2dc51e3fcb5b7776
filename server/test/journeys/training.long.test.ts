/** A training whose worker and whose sidecar are killed in its middle. The worker is remote: pictures, the LoRA and its samples travel over HTTP. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import type { TrainingBody } from "../../src/contract/training.ts";
import { type Call, caller, finished, uploadPicture } from "../http/call.ts";
import { type ServerProcess, startCommand } from "../kill/serverProcess.ts";
import { buildTinyModels, hasSidecar, type Sidecar, startSidecar } from "../support/diffusersSidecar.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { until } from "../support/until.ts";

const operator = {
	...glassworks,
	models: glassworks.models.map((model) =>
		model.name === "sd15" ? { ...model, minSidePx: 64, recipe: { ...model.recipe, diffusers: "tiny-sd15" } } : model,
	),
};
const steps = 240;

describe.skipIf(!hasSidecar)("a training that is killed in its middle", { timeout: 600_000 }, () => {
	let models: string;
	let folder: string;
	let sidecar: Sidecar;
	let app: TestApp;
	let call: Call;
	let token: string;
	const workers: ServerProcess[] = [];

	beforeAll(async () => {
		models = await buildTinyModels();
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-training-"));
		const file = path.join(folder, "operator.mjs");
		await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
		sidecar = await startSidecar(models);
		app = await startTestApp({ GLASSWORKS_CONFIG: file, GLASSWORKS_HEARTBEAT_MS: "300", GLASSWORKS_LEASE_MS: "3000" });
		call = caller(app.url, app.ownerKey);
		token = (await call("POST", "/api/v1/workers", { body: { name: "far", pools: ["gpu"] } })).body.token;
	}, 300_000);
	afterAll(async () => {
		await app?.close();
		for (const worker of workers) await worker.end("SIGKILL").catch(() => {});
		await sidecar?.close();
		for (const each of [models, folder]) await rm(each, { recursive: true, force: true });
	});

	async function startWorker(): Promise<ServerProcess> {
		const engine = ["--engine", sidecar.url, "--engine-header", `authorization: ${sidecar.headers.authorization}`, "--no-built-in"];
		const worker = startCommand(["worker", "--server", app.url, "--token", token, ...engine], {});
		await worker.url;
		workers.push(worker);
		return worker;
	}

	const read = async (id: string) => (await call("GET", `/api/v1/trainings/${id}`)).body as unknown as TrainingBody;
	const reaches = (id: string, progress: number) => until(async () => (await read(id)).progress >= progress, 240_000);

	async function train(name: string): Promise<string> {
		const wall = sharp({ create: { width: 64, height: 64, channels: 3, background: "tomato" } });
		const pictures = [{ image: await uploadPicture(call, await wall.png().toBuffer()), caption: "a wall" }];
		const body = { name, model: "sd15", pictures, steps, rank: 4, learning_rate: 0.01, side: 64, seed: 5, sample_prompts: ["a wall"] };
		const answer = await until(async () => {
			const asked = await call("POST", "/api/v1/trainings", { body });
			return asked.status === 202 ? asked : null;
		}, 60_000);
		return answer.body.id;
	}

	test("is joined by the next worker where it is, and goes on from its checkpoint on a new sidecar, to the LoRA it would have had", async () => {
		const first = await startWorker();
		const id = await train("killed");
		await reaches(id, 0.1);
		await first.end("SIGKILL");
		workers.length = 0;
		await startWorker();
		await reaches(id, 0.4);
		await sidecar.kill();
		sidecar = await sidecar.again();
		const training = await until(async () => {
			const now = await read(id);
			return now.finished_at ? now : null;
		}, 240_000);
		expect(training, JSON.stringify(training.error)).toMatchObject({ status: "succeeded", progress: 1 });
		const events = await (await fetch(`${training.links.events}`, { headers: { authorization: `Bearer ${app.ownerKey}` } })).text();
		expect(events.match(/^event: step\.started$/gm)?.length).toBeGreaterThan(1);
		// What the last attempt did: from a checkpoint, not from the beginning.
		expect(training.losses[0]?.step).toBeGreaterThan(steps * 0.3);

		const undisturbed = await train("undisturbed");
		const whole = await until(async () => {
			const now = await read(undisturbed);
			return now.finished_at ? now : null;
		}, 240_000);
		expect(whole.losses[0]?.step).toBeLessThan(10);
		expect(training.file?.sha256).toBe(whole.file?.sha256);

		const body = { prompt: "a wall", model: "sd15", seed: 1, steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
		const asked = await call("POST", "/api/v1/generations", { body: { ...body, loras: [{ name: "killed" }] } });
		expect((await finished(call, app.ownerKey, asked.body)).status).toBe("succeeded");
	});
});
