import { describe, expect, test } from "vitest";
import { eventually, graphStep, open, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { before } from "./replay/script.ts";

const wedged = recordedRun("18-worker-thread-dies");
const picture = recordedRun("01-txt2img-legacy-preview");

/** Judges silence quickly: only for runs that are silent on purpose. */
const impatient = { deafMs: 100, silentMs: 500, stopGraceMs: 100 };

describe("an engine whose worker thread has died, and which answers every request (18)", () => {
	test("is seen by what it gets done: the step fails and may be tried elsewhere", async () => {
		const scene = await open({ runs: [wedged] }, impatient);
		const { error } = await runStep(scene, graphStep(wedged));
		expect(error).toMatchObject({ code: "engine_down", message: "The engine stopped making progress." });
		expect(scene.server.asked.some(({ path }) => path.endsWith("/cancel"))).toBe(true);
		const freed = scene.server.asked.filter(({ method, path }) => method === "POST" && path === "free");
		expect(freed.map(({ body }) => JSON.parse(String(body)))).toEqual([{ unload_models: true, free_memory: true }]);
	});

	test("offers nothing and takes nothing until it is restarted", async () => {
		const scene = await open({ runs: [wedged, picture] }, impatient);
		expect(await scene.engine.capabilities()).not.toEqual([]);
		await runStep(scene, graphStep(wedged));
		await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
		await expect(scene.engine.status()).rejects.toMatchObject({ code: "engine_down" });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("engine_down");
		expect(postedPrompts(scene)).toHaveLength(1);
		await scene.server.die();
		await scene.server.restart();
		expect(await scene.engine.capabilities()).not.toEqual([]);
		expect((await scene.engine.status()).version).toBe("0.33.0");
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	});

	test("is found out also by a prompt that waits behind the one that hangs", async () => {
		const scene = await open({ runs: [wedged, picture] }, { queueStillMs: 40 });
		scene.server.queueForeign("8b7f7f8e-1111-4222-8333-444455556666");
		const { error } = await runStep(scene, graphStep(picture));
		expect(error?.code).toBe("engine_down");
		expect(scene.server.plays().map(({ posted }) => posted.clientId)).toEqual(["somebody-else"]);
		await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
	});
});

test("a step that says nothing for long and then ends by itself keeps its picture", async () => {
	const scene = await open({ runs: [picture], script: before("executed", { do: "hold" }) }, { deafMs: 20 });
	const held = scene.server.reached("hold");
	const running = runStep(scene, graphStep(picture));
	await held;
	// It was suspected, and the socket opened again.
	await eventually(() => scene.server.clientIds().length).toBe(2);
	scene.server.release();
	expect(resultOf(await running)).toBe("1 pictures");
});

test("an engine that can be interrupted after a silence is well again at once", async () => {
	const scene = await open(
		{ runs: [picture], script: (steps) => before("executed", { do: "hold" })(steps) },
		{ ...impatient, stopGraceMs: 5_000 },
	);
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("engine_down");
	expect(await scene.engine.capabilities()).not.toEqual([]);
});

test("an engine whose socket cannot be opened is not taken for stuck: nothing could be heard of it", async () => {
	const scene = await open({ runs: [picture], script: before("executed", { do: "hold" }) }, { deafMs: 20, silentMs: 40 });
	scene.server.refuseSockets(true);
	const held = scene.server.reached("hold");
	const running = runStep(scene, graphStep(picture));
	await held;
	const looks = () => scene.server.asked.filter(({ path }) => path.startsWith("api/jobs/")).length;
	await eventually(looks).toBeGreaterThan(12);
	scene.server.release();
	expect(resultOf(await running)).toBe("1 pictures");
});

test("a run that takes longer than a picture may take is stopped, and the engine freed", async () => {
	const scene = await open({ runs: [picture], script: before("executed", { do: "hold" }) }, { maxRunMs: 50 });
	const { error } = await runStep(scene, graphStep(picture));
	expect(error?.code).toBe("timeout");
	expect(scene.server.plays().filter(({ state }) => state !== "ended")).toEqual([]);
});

test("a run that ends well while it is being given up keeps its picture", async () => {
	const scene = await open(
		{
			runs: [picture],
			script: before("executed", { do: "hold" }),
			fault({ path }) {
				if (!path.endsWith("/cancel")) return undefined;
				scene.server.release();
				return { does: false, answer: "status", status: 500 };
			},
		},
		{ maxRunMs: 50 },
	);
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
});
