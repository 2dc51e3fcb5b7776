/** A LoRA of an account, from its uploaded pictures to pictures drawn with it: trained and used on the real sidecar, through the whole platform. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { glassworks } from "../../../glassworks.config.ts";
import type { TrainingBody } from "../../src/contract/training.ts";
import { spawnCli } from "../cli/spawnCli.ts";
import { type Answer, type Call, caller, download, finished, readEvents, uploadPicture } from "../http/call.ts";
import { buildTinyModels, hasSidecar, type Sidecar, startSidecar } from "../support/diffusersSidecar.ts";
import { readZip } from "../support/readZip.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { until } from "../support/until.ts";
import { type Receiver, startReceiver } from "../webhooks/receiver.ts";

/** The shipped file without rates, with the tiny network in the place of Stable Diffusion 1.5. */
const operator = {
	...glassworks,
	plans: Object.fromEntries(Object.entries(glassworks.plans).map(([name, plan]) => [name, { ...plan, rate: null, requestRate: null }])),
	models: glassworks.models.map((model) =>
		model.name === "sd15" ? { ...model, minSidePx: 64, recipe: { ...model.recipe, diffusers: "tiny-sd15" } } : model,
	),
};

const drawing = { prompt: "zwx wall", model: "sd15", seed: 7, steps: 4, width: 64, height: 64, upscale: false, restore_faces: false };
const settings = { model: "sd15", trigger_word: "zwx", steps: 20, rank: 8, learning_rate: 0.05, side: 64, seed: 3 };

describe.skipIf(!hasSidecar)("a training", { timeout: 300_000 }, () => {
	let models: string;
	let folder: string;
	let sidecar: Sidecar;
	let app: TestApp;
	let key: string;
	let call: Call;

	beforeAll(async () => {
		models = await buildTinyModels();
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-training-"));
		const file = path.join(folder, "operator.mjs");
		await writeFile(file, `export const glassworks = ${JSON.stringify(operator)};\n`);
		const variables = { GLASSWORKS_CONFIG: file, GLASSWORKS_HEARTBEAT_MS: "200", GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" };
		[sidecar, app] = await Promise.all([startSidecar(models), startTestApp(variables)]);
		key = (await app.createTenant("enterprise", { creditMicroUsd: 10_000_000 })).key;
		call = caller(app.url, key);
	}, 300_000);
	afterAll(async () => {
		await app?.close();
		await sidecar?.close();
		for (const each of [models, folder]) await rm(each, { recursive: true, force: true });
	});

	async function walls(by: Call): Promise<{ image: { asset_id: string }; caption: string }[]> {
		const colours = ["red", "darkred", "tomato"];
		return Promise.all(
			colours.map(async (background) => {
				const wall = sharp({ create: { width: 80, height: 64, channels: 3, background } });
				return { image: await uploadPicture(by, await wall.png().toBuffer()), caption: `a ${background} wall` };
			}),
		);
	}

	const ask = async (by: Call, fields: object) =>
		by("POST", "/api/v1/trainings", { body: { ...settings, pictures: await walls(by), ...fields } });
	const trainingOf = (answer: Answer) => answer.body as unknown as TrainingBody;
	const read = async (by: Call, id: string) => trainingOf(await by("GET", `/api/v1/trainings/${id}`));
	async function ended(by: Call, id: string): Promise<TrainingBody> {
		return until(async () => {
			const training = await read(by, id);
			return training.finished_at ? training : null;
		}, 120_000);
	}
	async function draw(by: Call, loras: object[]): Promise<string> {
		const { body, status, text } = await by("POST", "/api/v1/generations", { body: { ...drawing, loras } });
		expect(status, text).toBe(202);
		const job = await finished(by, key, body);
		expect(job.status, JSON.stringify(job)).toBe("succeeded");
		return (
			await sharp((await download(job.images[0]?.url ?? "")).bytes)
				.raw()
				.toBuffer()
		).toString("base64");
	}

	/** What was learnt from is nobody else's to know. */
	async function expectTold(receiver: Receiver, { file }: TrainingBody): Promise<void> {
		await until(() => receiver.messages.length >= 2, 30_000);
		expect(receiver.messages.map(({ type }) => type).sort()).toEqual(["training.started", "training.succeeded"]);
		const told = JSON.stringify(receiver.messages);
		expect([told.includes(file?.sha256 ?? "none"), told.includes("a red wall")]).toEqual([true, false]);
	}

	async function expectOnTheCommandLine({ id }: TrainingBody, file: Uint8Array): Promise<void> {
		const environment = { GLASSWORKS_DATA: folder, GLASSWORKS_URL: app.url, GLASSWORKS_KEY: key };
		const run = async (...argv: string[]) => {
			const command = spawnCli(["trainings", ...argv], environment);
			expect(await command.exited, command.err).toBe(0);
			return command.out.trim();
		};
		expect(JSON.parse(await run("list", "--json"))).toMatchObject([{ id, name: "walls", status: "succeeded" }]);
		expect(await run("show", id)).toMatch(/^trn_\S+ {2}walls \(sd15\) {2}succeeded {2}[\d.]+ MiB\ncharged \S+ of \S+ quoted$/);
		const out = path.join(folder, "walls.safetensors");
		expect(await run("download", id, "--out", out)).toBe(out);
		expect((await readFile(out)).equals(file)).toBe(true);
	}

	test("is refused while nothing at hand trains, saying what is missing", async () => {
		const { status, body, text } = await ask(call, { name: "early" });
		expect(status, text).toBe(422);
		expect(body).toMatchObject({ code: "unsupported_by_model", errors: [{ path: ["model"] }] });
		expect(text).toContain("it takes a diffusers sidecar that has tiny-sd15");
	});

	test("makes a LoRA that draws differently for its account, and is nothing to any other", async () => {
		const receiver = await startReceiver();
		const owner = caller(app.url, app.ownerKey);
		const added = await owner("POST", "/api/v1/engines", { body: { url: sidecar.url, headers: sidecar.headers } });
		expect(added.status, added.text).toBe(201);
		const quoted = await until(async () => {
			const answer = await call("POST", "/api/v1/trainings/quotes", { body: { ...settings, name: "walls", pictures: await walls(call) } });
			return answer.status === 200 ? answer : null;
		}, 30_000);
		expect(quoted.body.lines).toMatchObject([
			{ label: "LoRA training (sd15)", unit_micro_usd: 40_000 },
			{ label: "Training included in plan", amount_micro_usd: -40_000 },
		]);

		const accepted = await ask(call, { name: "walls", sample_prompts: ["zwx wall"], webhook_url: receiver.url, webhook_events: ["*"] });
		expect(accepted.status, accepted.text).toBe(202);
		expect(accepted.headers.get("location")).toBe(`/api/v1/trainings/${accepted.body.id}`);
		const events = await readEvents(trainingOf(accepted).links.events, { authorization: `Bearer ${key}` });
		expect(events.some(({ type, data }) => type === "progress" && Number(data.data.loss) > 0)).toBe(true);
		const training = await ended(call, accepted.body.id);
		expect(training).toMatchObject({
			status: "succeeded",
			progress: 1,
			charged_micro_usd: 0,
			settings: { pictures: 3, steps: 20, seed: 3 },
		});
		expect(training.losses.at(-1)?.step).toBe(20);
		expect(training.samples.map(({ step, prompt }) => [step, prompt])).toEqual([
			[20, "zwx wall"],
			[10, "zwx wall"],
		]);
		expect((await sharp((await download(training.samples[0]?.url ?? "")).bytes).metadata()).width).toBe(64);
		const file = await download(training.file?.url ?? "");
		expect(file.bytes.byteLength).toBe(training.file?.bytes);

		await expectTold(receiver, training);
		await expectOnTheCommandLine(training, file.bytes);
		const without = await draw(call, []);
		const full = await draw(call, [{ name: "walls" }]);
		expect(full).not.toBe(without);
		expect(await draw(call, [{ name: "walls", strength: 0.5 }])).not.toBe(full);
		expect(await draw(call, [{ name: "walls", strength: 0 }])).toBe(without);

		const stranger = caller(app.url, (await app.createTenant("enterprise", { creditMicroUsd: 0 })).key);
		const { id } = training;
		for (const [method, below] of [
			["GET", ""],
			["GET", "/events"],
			["GET", "/file"],
			["GET", "/samples/0"],
			["POST", "/cancel"],
			["DELETE", ""],
		] as const)
			expect((await stranger(method, `/api/v1/trainings/${id}${below}`)).status, `${method} ${below}`).toBe(404);
		const used = await stranger("POST", "/api/v1/generations", { body: { ...drawing, loras: [{ name: "walls" }] } });
		expect(used.body).toMatchObject({ code: "unsupported_by_model", detail: expect.not.stringContaining("walls") });
		expect((await call("GET", "/api/v1/jobs")).body.data.map((job) => job.id)).not.toContain(id);
		expect(JSON.stringify((await call("GET", "/api/v1/gallery")).body)).not.toContain(id);
		expect((await ask(call, { name: "walls" })).body).toMatchObject({ code: "lora_name_taken", errors: [{ path: ["name"] }] });
	});

	test("is exported, and when it is deleted so is its LoRA, at once", async () => {
		const manager = caller(app.url, app.ownerKey);
		const pictures = await walls(manager);
		const made = trainingOf(await manager("POST", "/api/v1/trainings", { body: { ...settings, name: "mine", pictures } }));
		expect(made.object, JSON.stringify(made)).toBe("training");
		const training = await ended(manager, made.id);
		const zip = await readZip(
			Buffer.from((await download(new URL("/api/v1/export.zip", app.url).href, { authorization: `Bearer ${app.ownerKey}` })).bytes),
		);
		expect([...zip.keys()]).toContain("loras/mine.safetensors");

		for (const { image } of pictures) await manager("DELETE", `/api/v1/assets/${image.asset_id}`);
		const gone = await manager("DELETE", `/api/v1/trainings/${made.id}`);
		expect(gone.body, gone.text).toMatchObject({ bytes: "removed" });
		expect((await download(training.file?.url ?? "")).status).toBe(410);
		const used = await manager("POST", "/api/v1/generations", { body: { ...drawing, loras: [{ name: "mine" }] } });
		expect(used.status).toBe(422);
		expect((await ask(manager, { name: "mine" })).status).toBe(202);
	});

	test("takes one of the month's, gives it back when it is cancelled, and the next is refused with the plan that allows it", async () => {
		const pro = caller(app.url, (await app.createTenant("pro", { creditMicroUsd: 10_000_000 })).key);
		const cancelled = trainingOf(await ask(pro, { name: "first", steps: 2_000 }));
		expect(cancelled.object, JSON.stringify(cancelled)).toBe("training");
		await until(async () => (await read(pro, cancelled.id)).status === "running", 60_000);
		expect((await pro("POST", `/api/v1/trainings/${cancelled.id}/cancel`)).body.status).toBe("cancelled");

		const pictures = await walls(pro);
		const answers = await Promise.all(
			Array.from({ length: 20 }, (_, at) => pro("POST", "/api/v1/trainings", { body: { ...settings, pictures, name: `other-${at}` } })),
		);
		expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
		const refused = answers.filter(({ status }) => status !== 202);
		for (const { status, body } of refused) {
			expect(status).toBe(403);
			expect(body).toMatchObject({ code: "trainings_over_plan", limit: "trainings", max: 1, asked: 2, plan: "enterprise" });
		}
		const starter = caller(app.url, (await app.createTenant("starter", { creditMicroUsd: 10_000_000 })).key);
		expect((await ask(starter, { name: "none" })).body).toMatchObject({ code: "trainings_over_plan", max: 0, plan: "pro" });
		const account = await pro("GET", "/api/v1/account");
		expect(account.text).toContain('"unit":"training","limit":1');
	});
});
