import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { image, job, runCli, type ScriptedApi, startScriptedApi } from "./scriptedApi.ts";

let api: ScriptedApi;
let folder = "";
const out = (name: string) => path.join(folder, name);

beforeEach(async () => {
	api = await startScriptedApi();
	folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-generate-"));
});
afterEach(async () => {
	await api.close();
	fs.rmSync(folder, { recursive: true });
});

const generate = (...argv: string[]) =>
	runCli(["generate", ...argv], { GLASSWORKS_URL: api.url, GLASSWORKS_KEY: "gw_x", GLASSWORKS_DATA: folder });
const sent = () => api.requests.find((request) => request.line === "POST /api/v1/generations")?.body;

describe("glassworks generate", () => {
	test("writes the picture and says on standard output what it is and what it cost", async () => {
		api.accepted = job({
			status: "queued",
			quote: {
				lines: [{ kind: "list", step: "generate", label: "Picture (flux)", count: 1, unit_micro_usd: 120_000, amount_micro_usd: 120_000 }],
				total_micro_usd: 120_000,
				skipped: [],
				would_wait: [],
				cached: false,
				cached_from: null,
			},
		});
		api.ended = job({
			charged_micro_usd: 120_000,
			images: [
				image(0, {
					understood_as: "red fox",
					understood_score: 0.834,
					notice: "small built-in model",
					skipped: [{ step: "restore_faces", reason: "no_faces", detail: "No faces were found." }],
				}),
			],
		});
		const run = generate("a fox", "--out", out("fox.png"));
		expect(await run.exitCode).toBe(0);
		expect(fs.readFileSync(out("fox.png"))).toEqual(Buffer.from([1, 2, 3]));
		expect(run.text.out).toBe(
			[
				`${out("fox.png")}  8 x 8 px  image/png  seed 7`,
				"  understood as: red fox (score 0.83)",
				"note: embedded is a small built-in model",
				"skipped: restore faces: No faces were found.",
				"charged: $0.12",
				"",
			].join("\n"),
		);
		expect(run.text.err).toContain("price: $0.12");
	});

	test("says what it waits for where no engine at hand can run it", async () => {
		api.accepted = job({
			status: "queued",
			waiting: {
				...{ as_of: "2026-01-01T00:00:00.000Z", pool: "gpu", place: null, ahead_by_plan: {}, eta: null },
				reason: { code: "no_capable_worker", data: { capability: "generate:flux" }, help: { you: "Another model.", operator: null } },
			},
		});
		const run = generate("a fox", "--out", out("fox.png"));
		await run.exitCode;
		expect(run.text.err).toContain(
			"waits: no engine at hand can run generate with flux; it starts by itself when one can\n  sooner: Another model.\n",
		);
	});

	test("sends what was said and leaves the rest to the server", async () => {
		await generate("a fox", "--out", out("a.jpg")).exitCode;
		expect(sent()).toEqual({ prompt: "a fox", count: 1, upscale: true, restore_faces: true, format: "jpeg" });
		api.requests.length = 0;
		const all =
			"--seed 5 --size 320x256 --steps 4 --model m --style flat --guidance 2.5 --negative fog --strength 0.3 --workflow w --no-upscale --no-faces --format webp";
		await generate("a fox", "--out", out("a"), "--count", "2", ...all.split(" ")).exitCode;
		expect(sent()).toEqual({
			prompt: "a fox",
			count: 2,
			seed: 5,
			width: 320,
			height: 256,
			steps: 4,
			model: "m",
			style: "flat",
			guidance: 2.5,
			negative_prompt: "fog",
			strength: 0.3,
			workflow: "w",
			upscale: false,
			restore_faces: false,
			format: "webp",
		});
	});

	test("numbers the files when there are several pictures", async () => {
		api.ended = job({ images: [image(0), image(1), image(2)] });
		expect(await generate("a fox", "--count", "3", "--out", out("a.png")).exitCode).toBe(0);
		expect(fs.readdirSync(folder).sort()).toEqual(["a-1.png", "a-2.png", "a-3.png"]);
	});

	test("keeps the pictures that worked, names those that did not, and ends with 1", async () => {
		const error = { code: "out_of_memory", message: "Too large." };
		api.ended = job({ status: "partial", images: [image(0), image(1, { status: "failed", url: null, error })] });
		const run = generate("a fox", "--count", "2", "--out", out("a.png"));
		expect(await run.exitCode).toBe(1);
		expect(fs.readdirSync(folder)).toEqual(["a-1.png"]);
		expect(run.text.out).toContain("picture 2: Too large. (out_of_memory)");
		expect(run.text.err).toContain("1 of 2 pictures failed: Too large. (out_of_memory)");
	});

	test("with --json prints the finished job and nothing else on standard output", async () => {
		const run = generate("a fox", "--json", "--out", out("a.png"));
		expect(await run.exitCode).toBe(0);
		expect(JSON.parse(run.text.out)).toEqual(api.ended);
		expect(run.text.err).toContain("a.png");
	});

	test("ends with 1 and the server's code when the request is refused", async () => {
		api.answers["POST /api/v1/generations"] = {
			status: 422,
			body: { code: "size_over_plan", detail: "Your plan renders up to 512 px.", errors: [] },
		};
		const run = generate("a fox", "--out", out("a.png"));
		expect(await run.exitCode).toBe(1);
		expect(run.text.err).toContain("Your plan renders up to 512 px. (size_over_plan)");
		expect(fs.readdirSync(folder)).toEqual([]);
	});

	test("refuses a place it cannot write to before anything is queued", async () => {
		fs.mkdirSync(out("taken.png"));
		for (const file of [out("missing/a.png"), out("taken.png")]) {
			const run = generate("a fox", "--out", file);
			expect(await run.exitCode, file).toBe(1);
			expect(run.text.err).toContain(file);
		}
		expect(api.requests).toEqual([]);
	});

	test.each([
		["no --out", ["a fox"]],
		["no prompt", ["--out", "a.png"]],
		["an empty prompt", [" ", "--out", "a.png"]],
		["an ending that is no format", ["a fox", "--out", "a.tiff"]],
		["an ending that contradicts --format", ["a fox", "--out", "a.png", "--format", "jpeg"]],
		["a size that is none", ["a fox", "--out", "a.png", "--size", "big"]],
		["a count out of range", ["a fox", "--out", "a.png", "--count", "9"]],
		["a seed that is no number", ["a fox", "--out", "a.png", "--seed", "0x10"]],
		["an unknown option", ["a fox", "--out", "a.png", "--frob"]],
		["a picture that is not there", ["a fox", "--out", "a.png", "--image", "/nowhere/b.png"]],
	])("used with %s ends with 2, says why and asks no server", async (_, argv) => {
		const run = generate(...argv);
		expect(await run.exitCode).toBe(2);
		expect(run.text.err).toMatch(/^error: /);
		expect(api.requests).toEqual([]);
	});

	test("uploads the picture and mask to start from", async () => {
		fs.writeFileSync(out("in.png"), "picture");
		fs.writeFileSync(out("mask.png"), "mask");
		api.answers["POST /api/v1/assets"] = { status: 201, body: { id: "asset_1" } };
		expect(await generate("a fox", "--image", out("in.png"), "--mask", out("mask.png"), "--out", out("a.png")).exitCode).toBe(0);
		expect(api.requests.filter((request) => request.line === "POST /api/v1/assets").map((request) => request.body)).toEqual([
			"picture",
			"mask",
		]);
		expect(sent()).toMatchObject({ image: { asset_id: "asset_1" }, mask: { asset_id: "asset_1" } });
	});

	test("interrupted cancels its job and ends with 130", async () => {
		api.ended = job({ status: "running", images: [image(0, { status: "pending", url: null, step: "generate" })] });
		api.answers["POST /api/v1/jobs/job_1/cancel"] = { status: 200, body: job({ status: "cancelled" }) };
		const run = generate("a fox", "--out", out("a.png"));
		while (!run.text.err.includes("job job_1")) await new Promise((resolve) => setTimeout(resolve, 5));
		run.interrupt();
		expect(await run.exitCode).toBe(130);
		expect(run.text.err).toContain("cancelled job job_1");
		expect(fs.readdirSync(folder)).toEqual([]);
	});

	test("does not let a server's words steer the terminal", async () => {
		api.ended = job({ images: [image(0, { understood_as: "\u001b]0;owned\u0007fox\u202e" })] });
		const run = generate("a fox", "--out", out("a.png"));
		await run.exitCode;
		expect(run.text.out).toContain("owned");
		for (const character of ["\u001b", "\u0007", "\u202e"]) expect(run.text.out.includes(character)).toBe(false);
	});
});
