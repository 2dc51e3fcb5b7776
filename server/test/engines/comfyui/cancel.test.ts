import { describe, expect, test } from "vitest";
import { eventually, graphStep, open, paths, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { before, type Step } from "./replay/script.ts";
import type { Asked, ReplayOptions } from "./replay/startReplayServer.ts";

const interrupted = recordedRun("07-interrupt", 0);
const sampling = recordedRun("07-interrupt", 3);
const picture = recordedRun("01-txt2img-legacy-preview");

/** Runs a step, cancels it once the replay holds or has nothing more to say, and tells how it ended. */
async function cancelAt(step: Step["do"], options: ReplayOptions, timings = {}) {
	const scene = await open(options, timings);
	const reached = scene.server.reached(step);
	const stop = new AbortController();
	const running = runStep(scene, graphStep(options.runs[0] ?? picture), { signal: stop.signal });
	await reached;
	stop.abort("lost");
	const outcome = await running;
	return { scene, outcome };
}

const unfinished = (scene: Awaited<ReturnType<typeof open>>) => scene.server.plays().filter(({ state }) => state !== "ended");

describe("a step that is cancelled while it runs stops in the engine (07)", () => {
	test.each([
		["0.33", "by its job", "api/jobs"],
		["0.8", "by an interrupt of it alone", "interrupt"],
		["0.3.64", "by an interrupt of it alone", "interrupt"],
	] as const)("ComfyUI %s: %s", async (version, _, path) => {
		const { scene, outcome } = await cancelAt("await_interrupt", { runs: [interrupted], version });
		expect(outcome.error?.code).toBe("cancelled");
		expect(scene.server.plays()).toEqual([]);
		expect(paths(scene, "POST").some((asked) => asked.startsWith(path))).toBe(true);
		const bodies = scene.server.asked.filter((asked) => asked.path === "interrupt").map(({ body }) => JSON.parse(String(body)));
		expect(bodies.every(({ prompt_id }) => prompt_id === postedPrompts(scene)[0]?.prompt_id)).toBe(true);
	});

	test("also in the middle of a sampler, and one that was not recorded so", async () => {
		expect((await cancelAt("await_interrupt", { runs: [sampling] })).outcome.error?.code).toBe("cancelled");
		const held = await cancelAt("hold", { runs: [picture], script: before("progress", { do: "hold" }, 3) });
		expect(held.outcome.error?.code).toBe("cancelled");
		expect(unfinished(held.scene)).toEqual([]);
	});

	test("and the next step runs", async () => {
		const { scene } = await cancelAt("await_interrupt", { runs: [interrupted, picture] });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	});
});

test.each(["0.33", "0.3.64"] as const)(
	"a step that is cancelled while it waits is taken out of the queue (08), on ComfyUI %s",
	async (version) => {
		const scene = await open({ runs: [picture], version, script: before("executed", { do: "hold" }) });
		const held = scene.server.reached("hold");
		scene.server.queueForeign("8b7f7f8e-1111-4222-8333-444455556666");
		await held;
		const stop = new AbortController();
		const running = runStep(scene, graphStep(picture), { signal: stop.signal });
		await eventually(() => scene.server.plays().length).toBe(2);
		stop.abort();
		expect((await running).error?.code).toBe("cancelled");
		expect(unfinished(scene).map(({ posted }) => posted.clientId)).toEqual(["somebody-else"]);
	},
);

test("an interrupt that the server loses, for the prompt had not started, is sent again", async () => {
	const lost = ({ path, count }: Asked & { count: number }) =>
		path.endsWith("/cancel") && count <= 2 ? ({ does: false, answer: "status", status: 200 } as const) : undefined;
	const { scene, outcome } = await cancelAt("await_interrupt", { runs: [interrupted], fault: lost });
	expect(outcome.error?.code).toBe("cancelled");
	expect(unfinished(scene)).toEqual([]);
});

test("a step whose cancel nothing answers ends all the same, and the engine offers nothing while it goes on", async () => {
	const wedged = recordedRun("18-worker-thread-dies");
	const scene = await open({ runs: [wedged] }, { stopGraceMs: 60 });
	const stop = new AbortController();
	const { error } = await runStep(scene, graphStep(wedged), { signal: stop.signal, onProgress: () => stop.abort() });
	expect(error?.code).toBe("cancelled");
	await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
});

test("a step that was cancelled before it began asks nothing of the engine", async () => {
	const scene = await open({ runs: [picture] });
	expect(resultOf(await runStep(scene, graphStep(picture), { signal: AbortSignal.abort() }))).toBe("cancelled");
	expect(scene.server.asked).toEqual([]);
});

test("a prompt that was left behind when the server went away does not keep the next one waiting", async () => {
	let isAway = false;
	const away = ({ path }: Asked) => (isAway && path !== "prompt" ? ({ does: false, answer: "drop" } as const) : undefined);
	const scene = await open({ runs: [interrupted, picture], fault: away });
	const reached = scene.server.reached("await_interrupt");
	const running = runStep(scene, graphStep(interrupted));
	await reached;
	isAway = true;
	expect((await running).error?.code).toBe("engine_down");
	isAway = false;
	expect(unfinished(scene)).toHaveLength(1);
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	expect(unfinished(scene)).toEqual([]);
});

test("a run that somebody else interrupted is not cancelled: it may be tried again (07 B)", async () => {
	const scene = await open({ runs: [interrupted] });
	const reached = scene.server.reached("await_interrupt");
	const running = runStep(scene, graphStep(interrupted));
	await reached;
	scene.server.interruptAll();
	expect((await running).error).toMatchObject({ code: "engine_down", message: "Somebody else interrupted the engine." });
});
