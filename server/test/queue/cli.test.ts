import type { Queue } from "@glassworks/sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { queueLines } from "../../src/cli/queueScreen.ts";
import { createScreen, type Screen } from "../../src/cli/screen.ts";
import { job, runCli, type ScriptedApi, startScriptedApi } from "../cli/scriptedApi.ts";

const depth = { ready: 450, running: 3, capped: 2, unrunnable: 12 };
const queue: Queue = {
	as_of: "2030-01-01T12:00:00.000Z",
	pools: [
		{
			...{ pool: "gpu", base: "gpu", dedicated: false, paused: true, ...depth, workers: 2 },
			models: [
				{ model: "flux", ...depth, capable_workers: 3, loaded_on: 2 },
				{ model: "a-model-with-a-very-long-name-indeed", ...depth, capable_workers: 0, loaded_on: 0 },
			],
			plans: [{ plan: "pro", ...depth }],
			missing: [{ capability: "generate:rare", waiting: 12 }],
			fleet: [
				{
					label: "a3f9",
					state: "busy",
					slots: 1,
					loaded_model: "flux",
					running: [{ capability: "generate:flux", progress: 0.456, elapsed_ms: 12_000 }],
				},
				{ label: "01bc", state: "drained", slots: 1, loaded_model: null, running: [] },
			],
			done_per_minute: { last_5_minutes: 12.4, last_60_minutes: 11.83 },
			oldest_wait_ms: 400_000,
			shed_last_hour: 7,
			wanted_workers: { workers: 5, reasoning: ["Load: 1200 s of work came in over the last 600 s; at most 85 % busy takes 3 workers."] },
			warnings: [{ code: "lone_worker", message: "One worker serves this pool: if it stops, everything waits." }],
		},
	],
};

let api: ScriptedApi;
beforeEach(async () => {
	api = await startScriptedApi();
	api.answers["GET /api/v1/queue"] = { status: 200, body: queue };
});
afterEach(() => api.close());

/** A screen that keeps what is drawn; a test presses keys. */
function fakeScreen(isLive: boolean) {
	const state = { frames: [] as string[][], open: false, press: (_key: string) => {} };
	const screen: Screen = {
		isLive,
		columns: 80,
		rows: 24,
		open(onKey) {
			state.open = true;
			state.press = onKey;
		},
		draw: (lines) => void state.frames.push([...lines]),
		close() {
			state.open = false;
		},
	};
	return { state, screen };
}

const run = (argv: string[], screen?: Screen, environment: Record<string, string> = { GLASSWORKS_KEY: "gw_x" }) =>
	runCli(argv, { GLASSWORKS_URL: api.url, ...environment }, screen && { screen });

test("the screen fits 80 columns and says what waits, who works and how many workers are wanted", () => {
	const lines = queueLines(queue, 80);
	expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
	const text = lines.join("\n");
	for (const part of [
		"gpu  PAUSED",
		"450 waiting",
		"2 capped",
		"12 without worker",
		"oldest 7 min",
		"12.4/min",
		"7 shed",
		"2 of 3",
		"a3f9",
		"generate:flux 46 % 12 s",
		"drained",
		"wanted workers: 5 (now 2)",
		"Load: 1200 s",
		"! One worker serves",
	])
		expect(text).toContain(part);
	expect(Math.max(...queueLines(queue, 40).map((line) => line.length))).toBeLessThanOrEqual(40);
});

test("where nobody watches the queue is printed once, without a key too", async () => {
	const { exitCode, text } = run(["queue"], undefined, {});
	expect(await exitCode).toBe(0);
	expect(text.out).toContain("450 waiting");
	expect(text.out).not.toContain("\u001b");
	expect(api.requests).toHaveLength(1);
});

test("--json prints the answer as it is, once, on a terminal too", async () => {
	const { state, screen } = fakeScreen(true);
	const { exitCode, text } = run(["queue", "--json"], screen);
	expect(await exitCode).toBe(0);
	expect(JSON.parse(text.out)).toEqual(queue);
	expect(state.frames).toEqual([]);
});

test.each([["q"], ["\u0003"]])("on a terminal it is redrawn until the key %j, and the terminal is given back", async (key) => {
	const { state, screen } = fakeScreen(true);
	const { exitCode } = run(["queue"], screen);
	await expect.poll(() => state.frames.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
	expect(state.open).toBe(true);
	expect(state.frames[0]?.[0]).toContain("12:00:00 UTC");
	expect(state.frames[0]?.length).toBeLessThanOrEqual(23);
	state.press("x");
	expect(state.open).toBe(true);
	state.press(key);
	expect(await exitCode).toBe(0);
	expect(state.open).toBe(false);
});

test("a server that stops answering is said on the screen, with what was seen last", async () => {
	const { state, screen } = fakeScreen(true);
	const { exitCode, interrupt } = run(["queue"], screen);
	await expect.poll(() => state.frames.length).toBe(1);
	api.answers["GET /api/v1/queue"] = { status: 404, body: { code: "not_found", detail: "gone" } };
	await expect.poll(() => state.frames.at(-1)?.[1] ?? "", { timeout: 10_000 }).toContain("gone");
	expect(state.frames.at(-1)?.join("\n")).toContain("450 waiting");
	interrupt();
	expect(await exitCode).toBe(0);
	expect(state.open).toBe(false);
});

test("the terminal gets its own screen and its keyboard back", () => {
	let out = "";
	const modes: boolean[] = [];
	const keyboard = { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode), resume() {}, pause() {}, on() {}, off() {} };
	const keep = (chunk: string) => {
		out += chunk;
		return true;
	};
	const output = { isTTY: true, columns: 100, rows: 30, write: keep };
	const screen = createScreen(keyboard, output as never);
	screen.open(() => {});
	screen.draw(["a\u001b[2Jb"]);
	screen.close();
	expect(out).toBe("\u001b[?1049h\u001b[?25l\u001b[Ha\u{fffd}[2Jb\u001b[K\u001b[J\u001b[?25h\u001b[?1049l");
	expect(modes).toEqual([true, false]);
});

const pool = { id: "gpu", paused: true, dedicated: null };
const worker = {
	id: "worker_1",
	name: "rig",
	kind: "remote",
	pools: ["gpu"],
	capabilities: [],
	last_seen_at: null,
	revoked_at: null,
	state: "drained",
};

test.each([
	["pools list", "GET /api/v1/pools", { data: [pool] }, undefined, "paused"],
	["pools pause gpu", "POST /api/v1/pools/gpu/pause", pool, undefined, "gpu is paused."],
	["pools resume gpu", "POST /api/v1/pools/gpu/resume", { ...pool, paused: false }, undefined, "gpu is open."],
	[
		"pools dedicate ten_1 --name theirs",
		"POST /api/v1/pools",
		{ ...pool, id: "theirs" },
		{ base: "gpu", tenant: "ten_1", name: "theirs" },
		"theirs",
	],
	["pools release theirs --move", "DELETE /api/v1/pools/theirs?move=true", { moved: 1 }, undefined, "1 step moved"],
	["workers drain worker_1", "POST /api/v1/workers/worker_1/drain", worker, undefined, "rig (worker_1) is drained."],
	["workers pause worker_1", "POST /api/v1/workers/worker_1/pause", worker, undefined, "rig"],
	["workers resume worker_1", "POST /api/v1/workers/worker_1/resume", worker, undefined, "rig"],
	["jobs to-front job_1", "POST /api/v1/jobs/job_1/to-front", job({ id: "job_1" }), undefined, "job_1 is first"],
	["jobs requeue job_1", "POST /api/v1/jobs/job_1/requeue", { job: "job_1", steps: 2 }, undefined, "2 steps are in line"],
	[
		"tenants plan ten_1 pro",
		"POST /api/v1/tenants/ten_1/plan",
		{ tenant: "ten_1", plan: "pro", jobs: 1 },
		{ plan: "pro" },
		"1 unfinished job follows",
	],
])("glassworks %s", async (command, line, body, sent, said) => {
	api.answers[line] = { status: 200, body };
	const plain = run(command.split(" "));
	expect(await plain.exitCode).toBe(0);
	expect(plain.text.out).toContain(said);
	if (sent) expect(api.requests[0]).toEqual({ line, body: sent });
	const asJson = run([...command.split(" "), "--json"]);
	expect(await asJson.exitCode).toBe(0);
	expect(JSON.parse(asJson.text.out)).toBeTruthy();
	delete api.answers[line];
	expect(await run(command.split(" ")).exitCode).toBe(1);
});
