/** Workflows of one's own: saved, versioned, run on the built-in engine, kept apart from other accounts. */
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, caller, download, finished } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { poster } from "./ownSteps.ts";

let app: TestApp;
let call: Call;
beforeAll(async () => {
	app = await startTestApp();
	call = caller(app.url, app.ownerKey);
}, 60_000);
afterAll(() => app?.close());

const path = "/api/v1/workflows";
const save = (body: object, as: Call = call) => as("POST", path, { body });
const read = (answer: { body: unknown }) => answer.body as Record<string, never>;
const later = () => new Date(Date.now() + 3_600_000).toISOString();

test("steps of one's own become a typed endpoint, run, and priced as they are billed", async () => {
	const saved = await save(poster);
	expect(saved.status, saved.text).toBe(201);
	expect(saved.headers.get("location")).toBe(`${path}/poster`);
	expect(read(saved)).toMatchObject({ saved: true, problems: [], missing: { nodes: [], files: [] }, quote: { total_micro_usd: 0 } });
	expect(read(saved).workflow).toMatchObject({ version: 1, steps: [{ id: "draw" }, { id: "enlarge" }, { id: "finish" }] });

	const run = { inputs: { subject: "a red apple", seed: 7, large: true, format: "webp" }, count: 2 };
	const quoted = await call("POST", `${path}/poster/runs/quotes`, { body: run });
	expect(quoted.status, quoted.text).toBe(200);
	const accepted = await call("POST", `${path}/poster/runs`, { body: run });
	expect(accepted.status, accepted.text).toBe(202);
	const { waiting, ...quote } = quoted.body as unknown as { waiting: object | null };
	expect(waiting).toMatchObject({ place: 1 });
	expect(accepted.body).toMatchObject({ workflow: "poster", model: "embedded", quote });
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.status, JSON.stringify(job)).toBe("succeeded");
	expect(job).toMatchObject({ bill: { total_micro_usd: (read(quoted) as unknown as { total_micro_usd: number }).total_micro_usd } });
	expect(job.images.map(({ seed, width, height, media_type }) => ({ seed, width, height, media_type }))).toEqual(
		[7, 8].map((seed) => ({ seed, width: 512, height: 256, media_type: "image/webp" })),
	);
	expect(job).toMatchObject({ request: { workflow: "poster", inputs: { subject: "a red apple", detail: 2, large: true } } });
	const original = await download(job.images[0]?.original_url ?? "");
	expect(await sharp(original.bytes).metadata()).toMatchObject({ width: 128, height: 64 });
}, 120_000);

test("the same content again is the same version, and a change is the next, which earlier jobs do not see", async () => {
	const slug = "versions";
	await save({ ...poster, slug });
	const again = await save({ ...poster, slug });
	expect([again.status, read(again).saved]).toEqual([200, false]);
	const run = { inputs: { subject: "a blue fish" }, run_after: later() };
	const first = (await call("POST", `${path}/${slug}/runs`, { body: run })).body;
	const changed = await save({ ...poster, slug, title: "Second", steps: poster.steps.filter(({ id }) => id !== "enlarge") });
	expect(changed.status, changed.text).toBe(422);
	const [finish, draw] = poster.steps;
	const short = { ...finish, inputs: { image: { step: "draw", output: "image" } } };
	const inputs = poster.inputs.filter(({ name }) => name !== "large");
	expect((await save({ ...poster, slug, inputs, steps: [draw, short] })).status).toBe(201);
	expect(read(await call("GET", `${path}/${slug}`))).toMatchObject({ version: 2, newest: 2, versions: [{ version: 2 }, { version: 1 }] });
	expect(read(await call("GET", `${path}/${slug}?version=1`)).steps).toHaveLength(3);
	const second = (await call("POST", `${path}/${slug}/runs`, { body: run })).body;
	const pinned = (await call("POST", `${path}/${slug}/runs`, { body: { ...run, version: 1 } })).body;
	const stepsOf = (job: { quote: { skipped: { step: string }[] } }) => job.quote.skipped.map(({ step }) => step);
	expect([first, second, pinned].map((job) => stepsOf(job as never))).toEqual([["enlarge"], [], ["enlarge"]]);
	expect((await call("DELETE", `${path}/${slug}`)).status).toBe(204);
	expect((await call("POST", `${path}/${slug}/runs`, { body: run })).body).toMatchObject({ code: "not_found" });
	expect((await call("GET", `/api/v1/jobs/${first.id}`)).body).toMatchObject({ status: "scheduled", workflow: slug });
});

test("a job accepted with a version that was replaced and put away runs as it was accepted", async () => {
	const slug = "pinned";
	await save({ ...poster, slug });
	const accepted = await call("POST", `${path}/${slug}/runs`, {
		body: { inputs: { subject: "a green tree", seed: 1 }, run_after: soon() },
	});
	const [finish, draw] = poster.steps;
	const wide = { ...draw, params: { ...draw?.params, width: { value: 64 } } };
	expect((await save({ ...poster, slug, steps: [wide, poster.steps[2], finish] })).status).toBe(201);
	await call("DELETE", `${path}/${slug}`);
	const job = await finished(call, app.ownerKey, accepted.body);
	expect(job.images[0]).toMatchObject({ status: "succeeded", width: 128, height: 64 });
}, 60_000);

const soon = () => new Date(Date.now() + 1_500).toISOString();

test("values of the wrong type are refused, naming each field", async () => {
	await save({ ...poster, slug: "typed" });
	for (const door of ["runs", "runs/quotes"]) {
		const refused = await call("POST", `${path}/typed/${door}`, {
			body: { inputs: { subject: 3, detail: 99, colour: "red", format: "gif" } },
		});
		expect(refused.status).toBe(422);
		expect((refused.body as unknown as { errors: { path: string[] }[] }).errors.map(({ path }) => path.join(".")).toSorted()).toEqual([
			"inputs.colour",
			"inputs.detail",
			"inputs.format",
			"inputs.subject",
		]);
	}
	const missing = await call("POST", `${path}/typed/runs`, { body: {} });
	expect(missing.body).toMatchObject({ code: "invalid_request", errors: [{ path: ["inputs", "subject"] }] });
});

test("its schema says what runs take", async () => {
	await save({ ...poster, slug: "described" });
	expect(read(await call("GET", `${path}/described/schema`))).toMatchObject({
		type: "object",
		required: ["subject"],
		additionalProperties: false,
		properties: { detail: { type: "integer", minimum: 1, maximum: 20, default: 2 }, format: { enum: ["png", "webp"] } },
	});
});

test("what cannot work is refused with every place named, and a dry run tells it without refusing", async () => {
	const [finish, draw, enlarge] = poster.steps;
	const broken = {
		...poster,
		slug: "broken",
		steps: [
			{ ...draw, params: { ...draw?.params, steps: { input: "subject" }, colour: { value: "red" } } },
			{ ...enlarge, model: { value: "magic" }, wanted_by: "nothing" },
			{ ...finish, inputs: { image: { step: "enlarge", output: "image" } } },
		],
	};
	const refused = await save(broken);
	expect(refused.body).toMatchObject({ code: "workflow_invalid" });
	const places = (refused.body as unknown as { errors: { path: (string | number)[] }[] }).errors.map(({ path }) => path.join("."));
	expect(places).toEqual(
		expect.arrayContaining(["steps.0.params.steps", "steps.0.params.colour", "steps.1.model", "steps.1.wanted_by", "steps.2.inputs.image"]),
	);
	const dry = await save({ ...broken, dry_run: true });
	expect([dry.status, read(dry).saved]).toEqual([200, false]);
	expect((read(dry).problems as unknown as { path: (string | number)[] }[]).map(({ path }) => path.join("."))).toEqual(places);
	expect((await call("GET", `${path}/broken`)).status).toBe(404);
});

test("circles, missing steps and borrowed names are refused", async () => {
	const [finish, draw, enlarge] = poster.steps;
	const circle = [
		{ ...enlarge, id: "a", optional: false, wanted_by: null, inputs: { image: { step: "b", output: "image" } } },
		{ ...enlarge, id: "b", optional: false, wanted_by: null, inputs: { image: { step: "a", output: "image" } } },
		{ ...finish, inputs: { image: { step: "a", output: "image" } } },
		draw,
	];
	expect((await save({ ...poster, slug: "circle", steps: circle })).body).toMatchObject({
		code: "workflow_invalid",
		errors: [{ path: ["steps"] }],
	});
	const twice = await save({ ...poster, slug: "twice", steps: [...poster.steps, draw] });
	expect(twice.body).toMatchObject({ code: "workflow_invalid", errors: [{ path: ["steps", 3, "id"] }] });
	expect((await save({ ...poster, slug: "picture" })).body).toMatchObject({ code: "workflow_invalid", errors: [{ path: ["slug"] }] });
	expect((await save({ ...poster, slug: "Not a slug" })).body).toMatchObject({ code: "invalid_request" });
	expect((await save({ ...poster, steps: undefined })).body).toMatchObject({ code: "invalid_request", errors: [{ path: ["steps"] }] });
});

test("an input may not take a name that steps get the server's own value by, for its value would never arrive", async () => {
	for (const name of ["upscale_model", "embedded_recipe"]) {
		const inputs = [...poster.inputs, { name, type: "text", default: "mine" }];
		const { body } = await save({ ...poster, slug: "taken", inputs });
		expect(body).toMatchObject({ code: "workflow_invalid", errors: [{ path: ["inputs", poster.inputs.length, "name"] }] });
	}
});

test("hostile documents are refused without breaking anything", async () => {
	let deep: object = { value: 1 };
	for (let depth = 0; depth < 40; depth++) deep = { first_of: [deep] };
	const [finish, draw, enlarge] = poster.steps;
	const hostile: object[] = [
		{ ...poster, slug: "deep", steps: [{ ...draw, params: { ...draw?.params, style: deep } }, enlarge, finish] },
		{ ...poster, slug: "proto", inputs: [{ name: "__proto__", type: "text" }] },
		{ ...poster, slug: "proto", steps: [{ ...draw, id: "constructor", params: { __proto__: { value: 1 } } }] },
		{ ...poster, slug: "many", steps: Array.from({ length: 500 }, (_, at) => ({ ...draw, id: `s${at}` })) },
		{ ...poster, slug: "graph", steps: [{ id: "g", kind: "graph", model: { value: "comfyui" }, params: { graph: { input: "subject" } } }] },
		{ ...poster, slug: "huge", inputs: [{ name: "text", type: "text", default: "x".repeat(3_000_000) }] },
		{ slug: "both", comfyui: {}, steps: poster.steps, result: poster.result },
		{ slug: "comfy", comfyui: { nodes: [{ id: null }] } },
	];
	for (const body of hostile) {
		const { status, body: answer } = await save(body);
		expect([status, answer.code], JSON.stringify(body).slice(0, 80)).toEqual([
			expect.toSatisfy((code: number) => [400, 413, 422].includes(code)),
			expect.any(String),
		]);
	}
});

test("plans bound what is inside: sizes, steps and models of every step", async () => {
	const free = caller(app.url, (await app.createTenant("free", { creditMicroUsd: 0 })).key);
	const [finish, draw] = poster.steps;
	const end = { ...finish, inputs: { image: { step: "draw", output: "image" } } };
	const inputs = [poster.inputs[0], poster.inputs[4]];
	const drawing = (params: object, model = "sd15") => [
		{ ...draw, model: { value: model }, params: { prompt: { input: "subject" }, ...params } },
		end,
	];
	const wide = await save({ ...poster, slug: "wide", inputs, steps: drawing({ width: { value: 768 } }) }, free);
	expect(wide.body).toMatchObject({ code: "workflow_invalid", detail: expect.stringContaining("512 px") });
	const long = await save({ ...poster, slug: "long", inputs, steps: drawing({ steps: { value: 40 } }) }, free);
	expect(long.body).toMatchObject({ code: "workflow_invalid", detail: expect.stringContaining("30 steps") });
	const enlarged = {
		id: "big",
		kind: "resize",
		model: { value: "standard" },
		inputs: end.inputs,
		params: { width: { value: 4_096 }, height: { value: 64 } },
	};
	const last = { ...end, inputs: { image: { step: "big", output: "image" } } };
	const [drawn] = drawing({});
	const vast = await save({ ...poster, slug: "vast", inputs, steps: [drawn, enlarged, last] }, free);
	expect(vast.body).toMatchObject({ code: "workflow_invalid", errors: [{ path: ["steps", "big", "params", "width"] }] });
	const dear = await save({ ...poster, slug: "dear", inputs, steps: drawing({}, "flux") }, free);
	expect(dear.body).toMatchObject({ code: "workflow_invalid", detail: expect.stringContaining("flux") });
});

test("price comes from each step and its model", async () => {
	const pro = caller(app.url, (await app.createTenant("pro", { creditMicroUsd: 10_000_000 })).key);
	const [finish, draw] = poster.steps;
	const second = {
		...draw,
		id: "again",
		model: { value: "sdxl" },
		inputs: { image: { step: "draw", output: "image" } },
		params: { prompt: { input: "subject" } },
	};
	const first = { ...draw, model: { value: "flux" }, params: { prompt: { input: "subject" } } };
	const end = { ...finish, inputs: { image: { step: "again", output: "image" } } };
	const saved = await save({ ...poster, slug: "two", inputs: [poster.inputs[0], poster.inputs[4]], steps: [first, second, end] }, pro);
	expect(saved.status, saved.text).toBe(201);
	const lines = (read(saved).quote as unknown as { lines: { step: string; kind: string; unit_micro_usd: number }[] }).lines;
	expect(lines.filter(({ kind }) => kind === "list").map(({ step, unit_micro_usd }) => [step, unit_micro_usd])).toEqual([
		["draw", 120_000],
		["again", 80_000],
	]);
});
