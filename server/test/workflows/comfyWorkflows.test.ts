/** ComfyUI workflows as typed endpoints, over HTTP, with the nodes of a real server as a worker describes them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/domain/json.ts";
import { type Call, caller, finished } from "../http/call.ts";
import { type ScriptedWorker, startScriptedWorker } from "../support/scriptedWorker.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const data = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../data/comfyui", name), "utf8"));
const nodes = data("object_info.json");
const graph = data("graphs/sd15-t2i.json");

let app: TestApp;
let owner: Call;
let pro: Call;
let proKey: string;
let worker: ScriptedWorker;
let png: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
	app = await startTestApp();
	owner = caller(app.url, app.ownerKey);
	proKey = (await app.createTenant("pro", { creditMicroUsd: 10_000_000 })).key;
	pro = caller(app.url, proKey);
	png = new Uint8Array(
		await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
			.png()
			.toBuffer(),
	);
}, 60_000);
afterAll(() => app?.close());

interface Checked {
	saved: boolean;
	workflow: {
		version: number;
		inputs: { name: string; type: string; default: Json; max: number | null; bindings: object[] }[];
		steps: object[];
	};
	problems: { about: string; path: string[]; message: string }[];
	missing: { nodes: string[]; files: string[] };
	quote: { total_micro_usd: number; lines: { step: string; label: string; unit_micro_usd: number }[] } | null;
}
const save = async (body: object, as = pro) => {
	const answer = await as("POST", "/api/v1/workflows", { body });
	return { ...answer, checked: answer.body as unknown as Checked };
};

test("without a ComfyUI to ask, a graph cannot be read, and that is said", async () => {
	expect((await save({ slug: "early", comfyui: graph })).body).toMatchObject({
		code: "parts_missing",
		detail: expect.stringContaining("No ComfyUI"),
	});
});

describe("with a ComfyUI at hand", () => {
	beforeAll(async () => {
		worker = await startScriptedWorker(app.url, owner, { pools: ["gpu"], traits: { "graph:comfyui": {} }, nodes });
	});

	test("an exported graph becomes an endpoint whose inputs are found, named and bounded by the plan", async () => {
		const dry = await save({ slug: "draw", comfyui: graph, dry_run: true });
		expect(dry.status, dry.text).toBe(200);
		expect(dry.checked).toMatchObject({ saved: false, problems: [], missing: { nodes: [], files: [] } });
		const named = Object.fromEntries(dry.checked.workflow.inputs.map((input) => [input.name, input]));
		expect(named).toMatchObject({
			prompt: { type: "text" },
			negative_prompt: { type: "text" },
			seed: { type: "seed" },
			width: { type: "integer", max: 1_024 },
			steps: { type: "integer", max: 100 },
			restore_faces: { type: "boolean", default: true },
			format: { type: "choice" },
		});
		expect((await pro("GET", "/api/v1/workflows/draw")).status).toBe(404);
	});

	test("it runs typed: the values reach the graph, its price names its model, and its bill is its quote", async () => {
		const saved = await save({ slug: "draw", comfyui: graph, finish: false });
		expect(saved.status, saved.text).toBe(201);
		expect(saved.checked.quote?.lines.filter(({ step }) => step === "graph").map((line) => line.unit_micro_usd)).toEqual([30_000, 80_000]);
		const inputs = { prompt: "a lighthouse", seed: 41, steps: 12 };
		const accepted = await pro("POST", "/api/v1/workflows/draw/runs", { body: { inputs, count: 2 } });
		expect(accepted.status, accepted.text).toBe(202);
		for (const seed of [41, 42]) {
			const work = await worker.claim("gpu");
			expect(work).toMatchObject({ kind: "graph", model: "comfyui", params: { values: { prompt: "a lighthouse", seed, steps: 12 } } });
			expect(work.params.bindings).toContainEqual({ node: expect.any(String), input: "text", value: "prompt" });
			await worker.succeed(work, png);
		}
		const job = await finished(pro, proKey, accepted.body);
		const { quote } = accepted.body as unknown as Checked;
		expect(job).toMatchObject({ workflow: "draw", status: "succeeded", bill: { total_micro_usd: quote?.total_micro_usd, refunded: [] } });
	}, 60_000);

	test("the editor's own format is converted", async () => {
		const ui = data("workflows/text-to-image.ui.json");
		const saved = await save({ slug: "from-editor", comfyui: ui });
		expect(saved.status, saved.text).toBe(201);
		expect(saved.checked.workflow.inputs.map(({ name }) => name)).toEqual(expect.arrayContaining(["prompt", "seed"]));
		const again = await save({ slug: "from-editor", comfyui: ui });
		expect([again.status, again.checked.saved, again.checked.workflow.version]).toEqual([200, false, 1]);
	});

	test("an author renames and narrows inputs, and what cannot work is refused by name", async () => {
		const { checked } = await save({ slug: "mine", comfyui: graph, dry_run: true });
		const found = checked.workflow.inputs.filter(({ bindings }) => bindings.length > 0);
		const renamed = found.filter(({ name }) => name === "prompt").map((input) => ({ ...input, name: "subject", default: null }));
		const saved = await save({ slug: "mine", comfyui: graph, inputs: renamed });
		expect(saved.status, saved.text).toBe(201);
		expect((await pro("GET", "/api/v1/workflows/mine/schema")).body).toMatchObject({ required: ["subject"] });
		expect((await pro("POST", "/api/v1/workflows/mine/runs", { body: { inputs: { prompt: "x" } } })).body).toMatchObject({
			code: "invalid_request",
		});
		const astray = [{ ...renamed[0], bindings: [{ node: "999", input: "text" }] }];
		expect((await save({ slug: "mine", comfyui: graph, inputs: astray })).body).toMatchObject({
			code: "invalid_request",
			errors: [{ path: ["inputs", 0, "bindings", 0] }],
		});
	});

	test("nodes that are not known to be harmless are refused, by name", async () => {
		const evil = { ...graph, "99": { class_type: "RunAnything", inputs: { code: "import os" } } };
		const refused = await save({ slug: "evil", comfyui: evil });
		expect(refused.body).toMatchObject({ code: "workflow_unsafe", detail: expect.stringContaining("not allowed") });
		const dry = await save({ slug: "evil", comfyui: evil, dry_run: true });
		expect(dry.checked.problems).toMatchObject([{ about: "safety", path: ["comfyui", "99"] }]);
		expect(dry.checked.missing.nodes).toEqual(["RunAnything"]);
	});

	test("a plan that may less refuses the graph of one that may more, and its values", async () => {
		await save({ slug: "lent", comfyui: graph, visibility: "link" });
		const { link } = (await pro("GET", "/api/v1/workflows/lent")).body as unknown as { link: string };
		const free = caller(app.url, (await app.createTenant("free", { creditMicroUsd: 1_000_000 })).key);
		const quote = (inputs: object) => free("POST", `/api/v1/workflows/${link}/runs/quotes`, { body: { inputs } });
		expect((await quote({})).status).toBe(200);
		expect((await quote({ width: 1_024 })).body).toMatchObject({ code: "workflow_unsafe", detail: expect.stringContaining("at most 512") });
		expect((await quote({ width: 16_384 })).body).toMatchObject({ code: "invalid_request", errors: [{ path: ["inputs", "width"] }] });
		const starter = caller(app.url, (await app.createTenant("starter", { creditMicroUsd: 0 })).key);
		const sdxl = await save({ slug: "larger", comfyui: data("graphs/sdxl-t2i.json") }, starter);
		expect(sdxl.body).toMatchObject({ code: "workflow_unsafe", detail: expect.stringContaining("plan includes") });
	});

	test("missing models are named, and the workflow runs once they are there", async () => {
		const checkpoint = Object.entries(graph as Record<string, { class_type: string }>).find(
			([, node]) => node.class_type === "CheckpointLoaderSimple",
		);
		const [id = "", loader] = checkpoint ?? [];
		const other = { ...graph, [id]: { ...loader, inputs: { ckpt_name: "v1-5-pruned-emaonly.safetensors" } } };
		const saved = await save({ slug: "lacking", comfyui: other });
		const missing = saved.checked.missing?.files ?? [];
		expect([saved.status, missing], saved.text).toEqual([201, ["v1-5-pruned-emaonly.safetensors"]]);
		expect((await pro("POST", "/api/v1/workflows/lacking/runs", { body: {} })).body).toMatchObject({
			code: "parts_missing",
			files: missing,
			nodes: [],
		});
	});

	test("JSON that is no ComfyUI workflow is refused, with the field that holds it", async () => {
		const itself = "00000000-0000-4000-8000-000000000000";
		for (const comfyui of [
			{},
			{ nodes: "none" },
			{ nodes: [] },
			{ "1": { class_type: 3 } },
			{ "1": { class_type: "KSampler", inputs: { model: ["7", 0] } } },
			{
				nodes: [{ id: 1, type: itself }],
				links: [],
				definitions: { subgraphs: [{ id: itself, nodes: [{ id: 1, type: itself }], links: [] }] },
			},
		]) {
			const { status, body } = await save({ slug: "not-comfy", comfyui });
			expect([status, body.code], JSON.stringify(comfyui)).toEqual([
				422,
				expect.stringMatching(/invalid_request|workflow_(invalid|unsafe)/),
			]);
			const [fault] = (body as unknown as { errors: { path: string[] }[] }).errors;
			expect(fault?.path[0], JSON.stringify(comfyui)).toBe("comfyui");
		}
	});
});
