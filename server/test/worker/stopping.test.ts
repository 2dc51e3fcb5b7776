import { describe, expect, test } from "vitest";
import { GlassworksError } from "../../src/domain/errors.ts";
import { createScriptedSource, drawn, untilAborted } from "./scriptedSource.ts";
import { begin, until } from "./scriptedWorker.ts";

const unavailable = () => new GlassworksError("unavailable", "no answer");

describe("a worker that is told to stop", () => {
	test("lets a running step finish and claims nothing more", async () => {
		const source = createScriptedSource();
		source.offer(1);
		let finish = () => {};
		let running = false;
		const { worker: handle } = begin(source, () => {
			running = true;
			return new Promise((resolve) => {
				finish = () => resolve(drawn);
			});
		});
		await until(() => running);
		const stopped = handle.stop(60_000);
		source.offer(2);
		finish();
		await stopped;
		expect(source.outcomes.get(1)).toMatchObject({ kind: "succeeded" });
		expect(source.outcomes.has(2)).toBe(false);
		expect(await handle.ended).toBeNull();
	});

	test("gives back what does not finish in time", async () => {
		const source = createScriptedSource();
		source.offer(1);
		let running = false;
		const { worker: handle } = begin(source, (_, context) => {
			running = true;
			return untilAborted(context);
		});
		await until(() => running);
		await handle.stop(20);
		expect(source.outcomes.get(1)).toEqual({ kind: "released" });
		expect(handle.idle).toBe(true);
	});

	test("gives back work that arrives too late", async () => {
		const source = createScriptedSource();
		const claim = source.claim.bind(source);
		let started = 0;
		const { worker: handle } = begin(
			Object.assign(source, {
				// Committed on the server just as the worker hangs up.
				claim: async (request: Parameters<typeof claim>[0], signal: AbortSignal) => {
					await until(() => signal.aborted);
					source.offer(9);
					return claim(request, signal);
				},
			}),
			async (_, context) => {
				started += 1;
				return untilAborted(context);
			},
		);
		await handle.welcomed;
		await until(() => source.calls.includes("hello"));
		await handle.stop(5_000);
		expect(source.outcomes.get(9)).toEqual({ kind: "released" });
		expect(started).toBe(0);
	});

	test("ends even when the server is away", async () => {
		const source = createScriptedSource();
		source.failNext = { hello: Array.from({ length: 1_000 }, unavailable) };
		const { worker: handle } = begin(source, async () => drawn);
		await handle.stop(1_000);
		expect(await handle.welcomed).toBeNull();
		expect(await handle.ended).toBeNull();
	});

	test("may be told twice", async () => {
		const source = createScriptedSource();
		const { worker: handle } = begin(source, async () => drawn);
		await Promise.all([handle.stop(0), handle.stop(0)]);
		expect(handle.idle).toBe(true);
	});
});
