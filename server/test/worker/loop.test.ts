import { describe, expect, test } from "vitest";
import { GlassworksError } from "../../src/domain/errors.ts";
import { createEngine, createScriptedSource, drawn, onePixel, untilAborted } from "./scriptedSource.ts";
import { begin, until } from "./scriptedWorker.ts";

const unavailable = () => new GlassworksError("unavailable", "no answer");

describe("a step that works", () => {
	test("has its inputs read before, and its picture stored before its success is told", async () => {
		const source = createScriptedSource({ heartbeatMs: 10_000 });
		source.offer(7, { inputRoles: ["image", "mask"], params: { seed: 3 } });
		let seen: unknown;
		begin(source, async (request) => {
			seen = request;
			return drawn;
		});
		await source.outcomeOf(7);
		expect(source.calls.filter((call) => call.includes(" 7"))).toEqual([
			"readInput 7 image",
			"readInput 7 mask",
			"writeOutput 7 image",
			"finish 7 succeeded",
		]);
		expect(seen).toEqual({ kind: "generate", model: "tiny", params: { seed: 3 }, inputs: { image: onePixel, mask: onePixel } });
	});

	test("says which engine ran it, with which files, and how long it took", async () => {
		const source = createScriptedSource();
		source.offer(1);
		begin(source, async () => drawn);
		const outcome = await source.outcomeOf(1);
		expect(outcome).toMatchObject({ kind: "succeeded", data: { understood_as: "dot", engine: "tiny", model_digest: "d1" } });
		expect(outcome.kind === "succeeded" && outcome.data.ms === outcome.ms && outcome.ms >= 0).toBe(true);
	});

	test("has its last progress told before its success", async () => {
		const source = createScriptedSource({ heartbeatMs: 10_000 });
		source.offer(1);
		begin(source, async (_, { onProgress }) => {
			for (const fraction of [0.25, 0.5, 0.75, 1]) onProgress({ fraction });
			return drawn;
		});
		await source.outcomeOf(1);
		expect(source.progressed.at(-1)).toEqual({ fraction: 1 });
		expect(source.calls.lastIndexOf("progress 1")).toBeLessThan(source.calls.indexOf("finish 1 succeeded"));
	});

	test("survives a server that is away while its result is handed in", async () => {
		const source = createScriptedSource();
		source.failNext = { writeOutput: [unavailable(), new Error("ECONNRESET")], finish: [unavailable()] };
		source.offer(1);
		begin(source, async () => drawn);
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "succeeded" });
		expect(source.calls.filter((call) => call.startsWith("writeOutput"))).toHaveLength(3);
	});
});

describe("a step that fails", () => {
	test.each([
		["engine_invalid", false],
		["model_missing", false],
		["out_of_memory", true],
		["engine_down", true],
	] as const)("with %s says so, and may run again: %s", async (code, retryable) => {
		const source = createScriptedSource();
		source.offer(1);
		begin(source, async () => {
			throw new GlassworksError(code, "what happened");
		});
		expect(await source.outcomeOf(1)).toEqual({ kind: "failed", failure: { code, message: "what happened" }, retryable });
	});

	test("for an unforeseen reason keeps the details in the log", async () => {
		const source = createScriptedSource();
		source.offer(1);
		const { log } = begin(source, async () => {
			throw new Error("secret path /srv/keys");
		});
		const outcome = await source.outcomeOf(1);
		expect(outcome).toMatchObject({ kind: "failed", failure: { code: "internal" }, retryable: true });
		expect(JSON.stringify(outcome)).not.toContain("secret");
		expect(log.lines.join()).toContain("secret path");
	});

	test("with a message longer than the wire takes is still told", async () => {
		const source = createScriptedSource();
		source.offer(1);
		begin(source, async () => {
			throw new GlassworksError("engine_invalid", "x".repeat(2_000));
		});
		const outcome = await source.outcomeOf(1);
		expect(outcome.kind === "failed" && outcome.failure.message.length).toBe(500);
	});

	test("because someone else interrupted the engine runs again", async () => {
		const source = createScriptedSource();
		source.offer(1);
		begin(source, async () => {
			throw new GlassworksError("cancelled", "interrupted");
		});
		expect(await source.outcomeOf(1)).toMatchObject({ failure: { code: "engine_down" }, retryable: true });
	});

	test("by taking too long is stopped and told as timeout", async () => {
		const source = createScriptedSource();
		source.offer(1);
		begin(source, (_, context) => untilAborted(context), { stepTimeoutMs: 100 });
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "failed", failure: { code: "timeout" }, retryable: true });
	});

	test("in an engine that ignores the stop frees its slot for the next task", async () => {
		const source = createScriptedSource();
		source.offer(1);
		source.offer(2);
		const { log } = begin(
			source,
			async (_request, { signal }) => (signal.aborted || source.outcomes.has(1) ? drawn : new Promise(() => {})),
			{ stepTimeoutMs: 100 },
		);
		expect(await source.outcomeOf(1)).toMatchObject({ failure: { code: "timeout" } });
		expect(await source.outcomeOf(2)).toMatchObject({ kind: "succeeded" });
		expect(log.lines.join()).toContain("does not stop");
	});

	test("does not stop the worker", async () => {
		const source = createScriptedSource();
		source.offer(1);
		source.offer(2);
		begin(source, async () => {
			if (!source.outcomes.has(1)) throw new Error("once");
			return drawn;
		});
		expect(await source.outcomeOf(2)).toMatchObject({ kind: "succeeded" });
	});
});

describe("a task that is no longer ours", () => {
	test("is stopped when a heartbeat says so, and nothing is written about it", async () => {
		const source = createScriptedSource({ heartbeatMs: 30 });
		source.offer(1);
		let stopped = false;
		const { worker } = begin(source, (_, context) => {
			source.takeAway(1);
			context.signal.addEventListener("abort", () => {
				stopped = true;
			});
			return untilAborted(context);
		});
		await until(() => stopped && worker.idle === true);
		expect(source.calls.filter((call) => /writeOutput|finish/.test(call))).toEqual([]);
	});

	test("is stopped at once when the server calls", async () => {
		const source = createScriptedSource({ heartbeatMs: 60_000 });
		source.offer(1);
		let running = false;
		const { worker } = begin(source, (_, context) => {
			running = true;
			return untilAborted(context);
		});
		await until(() => running);
		source.takeAway(1);
		source.announceStop(1);
		await until(() => worker.idle === true);
		expect(source.calls.filter((call) => /writeOutput|finish/.test(call))).toEqual([]);
	});

	test("has no picture stored even when its engine finishes in spite of the stop", async () => {
		const source = createScriptedSource({ heartbeatMs: 20 });
		source.offer(1);
		const { worker } = begin(source, async (_, { signal }) => {
			source.takeAway(1);
			await until(() => signal.aborted);
			return drawn;
		});
		await until(() => source.calls.includes("progress 1") && worker.idle === true);
		expect(source.calls.filter((call) => /writeOutput|finish/.test(call))).toEqual([]);
	});

	test("is not confused with the same task's next attempt: a late stop call changes nothing", async () => {
		const source = createScriptedSource({ heartbeatMs: 60_000 });
		source.offer(1);
		let finish = () => {};
		let running = false;
		begin(source, () => {
			running = true;
			return new Promise((resolve) => {
				finish = () => resolve(drawn);
			});
		});
		await until(() => running);
		source.announceStop(1);
		await until(() => source.calls.includes("progress 1"));
		finish();
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "succeeded" });
	});

	test("is not handed in again and again", async () => {
		const source = createScriptedSource();
		source.failNext = { finish: [new GlassworksError("lease_lost", "too late")] };
		source.offer(1);
		const { worker } = begin(source, async () => drawn);
		await until(() => source.calls.includes("finish 1 succeeded") && worker.idle === true);
		source.offer(2);
		await source.outcomeOf(2);
		expect(source.calls.filter((call) => call.startsWith("finish 1"))).toHaveLength(1);
	});
});

describe("a worker", () => {
	test("never runs more steps at once than its slots, in each pool", async () => {
		const source = createScriptedSource({ pools: ["gpu", "enhance"] });
		const running = { generate: 0, upscale: 0 };
		const most = { generate: 0, upscale: 0 };
		for (let id = 1; id <= 12; id += 1) source.offer(id, id % 2 === 0 ? { pool: "enhance", kind: "upscale" } : {});
		begin(
			source,
			async ({ kind }) => {
				if (kind !== "generate" && kind !== "upscale") throw new Error("not offered");
				running[kind] += 1;
				most[kind] = Math.max(most[kind], running[kind]);
				await new Promise((resolve) => setTimeout(resolve, 10));
				running[kind] -= 1;
				return drawn;
			},
			{ slots: 2 },
		);
		for (let id = 1; id <= 12; id += 1) await source.outcomeOf(id);
		expect(most).toEqual({ generate: 2, upscale: 2 });
	});

	test("that meets no server keeps asking until there is one", async () => {
		const source = createScriptedSource();
		source.failNext = { hello: [unavailable(), unavailable()], claim: [unavailable()] };
		source.offer(1);
		const { log } = begin(source, async () => drawn);
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "succeeded" });
		expect(log.lines.filter((line) => line.includes("server does not answer"))).toHaveLength(1);
		expect(log.lines.join()).toContain("answers again");
	});

	test("whose token was revoked stops its steps and ends with the reason", async () => {
		const source = createScriptedSource({ heartbeatMs: 30 });
		source.offer(1);
		const { worker: handle } = begin(source, (_, context) => {
			source.failNext.hello = [new GlassworksError("unauthenticated", "revoked")];
			return untilAborted(context);
		});
		expect(await handle.ended).toMatchObject({ code: "unauthenticated" });
		expect(handle.idle).toBe(true);
	});

	test("without anything it can run claims nothing", async () => {
		const source = createScriptedSource({ heartbeatMs: 20 });
		begin(
			source,
			createEngine(async () => drawn, []),
		);
		await until(() => source.calls.filter((call) => call === "hello").length >= 3);
		expect(source.calls).not.toContain("claim");
	});

	test("notices a model that is installed while it runs", async () => {
		const source = createScriptedSource({ heartbeatMs: 20 });
		source.offer(1);
		const offered: "generate:tiny"[] = [];
		begin(
			source,
			createEngine(async () => drawn, offered),
		);
		await until(() => source.calls.filter((call) => call === "hello").length >= 2);
		offered.push("generate:tiny");
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "succeeded" });
	});

	test("whose engine dies in a step leaves the next ones to others, until the engine answers again", async () => {
		const source = createScriptedSource({ heartbeatMs: 50 });
		const down = new GlassworksError("engine_down", "gone");
		let isDown = false;
		const engine = createEngine(async () => {
			if (source.outcomes.size > 0 && !isDown) return drawn;
			isDown = true;
			throw down;
		});
		const { capabilities } = engine;
		engine.capabilities = async () => {
			if (isDown) throw down;
			return capabilities();
		};
		for (const taskId of [1, 2]) source.offer(taskId);
		begin(source, engine);
		expect(await source.outcomeOf(1)).toMatchObject({ kind: "failed", retryable: true });
		const heard = source.calls.length;
		await until(() => source.calls.slice(heard).filter((call) => call === "hello").length >= 3);
		expect(source.calls.filter((call) => call === "claim")).toHaveLength(1);
		isDown = false;
		expect(await source.outcomeOf(2)).toMatchObject({ kind: "succeeded" });
	});
});
