import { describe, expect, test } from "vitest";
import { eventually, graphStep, open, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { before, isLast, type Step, without } from "./replay/script.ts";
import type { Asked, Fault } from "./replay/startReplayServer.ts";

const run = recordedRun("13-client-chosen-prompt-id", 0);
const picture = recordedRun("01-txt2img-legacy-preview");
/** Long enough for a test to fail rather than to wait for it. */
const never = 600_000;

const onSubmit =
	(fault: Fault, times = 1) =>
	({ method, path, count }: Asked & { count: number }) =>
		method === "POST" && path === "prompt" && count <= times ? fault : undefined;

describe("a prompt whose answer is lost is not queued twice", () => {
	test.each<[string, Fault]>([
		["500 although it was queued", { does: true, answer: "status", status: 500 }],
		["a proxy's 504 although it was queued", { does: true, answer: "status", status: 504 }],
		["the connection is cut after it was queued", { does: true, answer: "drop" }],
		["no answer comes in time", { does: true, answer: "hang" }],
		["an answer that is no JSON", { does: true, answer: "status", status: 200 }],
	])("%s", async (_, fault) => {
		const scene = await open({ runs: [picture], fault: onSubmit(fault) }, { requestMs: 500, unreachableMs: 20_000 });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
		expect(postedPrompts(scene)).toHaveLength(1);
	});
});

test("a prompt that arrives late, after it was looked for in vain, is not posted again", async () => {
	let isSent = false;
	const scene = await open({
		runs: [picture],
		fault({ method, path, body }) {
			if (method === "POST" && path === "prompt") return { does: false, answer: "drop" };
			const [promptId] = /[^/]{36}$/.exec(path) ?? [];
			if (!isSent && promptId && body.length === 0) setImmediate(() => scene.server.queueForeign(promptId));
			isSent ||= promptId !== undefined;
			return undefined;
		},
	});
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	expect(postedPrompts(scene)).toHaveLength(1);
});

test("500 and queued, as recorded in 13, is found by its id", async () => {
	const queued = recordedRun("13-client-chosen-prompt-id", 4);
	expect(queued.answer.status).toBe(500);
	const accepted = { ...queued, answer: { status: 200, json: { prompt_id: queued.promptId, number: 5, node_errors: {} }, text: "" } };
	const scene = await open({
		runs: [{ ...accepted, history: run.history, promptId: queued.promptId }],
		fault: onSubmit({ does: true, answer: "status", status: 500 }),
	});
	expect(resultOf(await runStep(scene, graphStep(queued)))).toBe("1 pictures");
	expect(postedPrompts(scene)).toHaveLength(1);
});

describe("a prompt that never arrived is posted again, under another id", () => {
	test.each<[string, Fault]>([
		["500", { does: false, answer: "status", status: 500 }],
		["502", { does: false, answer: "status", status: 502 }],
		["the connection is cut", { does: false, answer: "drop" }],
	])("%s", async (_, fault) => {
		const scene = await open({ runs: [picture], fault: onSubmit(fault) });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
		const [first, second, ...more] = postedPrompts(scene);
		expect(more).toEqual([]);
		expect(second?.prompt_id).not.toBe(first?.prompt_id);
	});
});

test("a server that cannot be reached is down, for this step and for what it offers", async () => {
	const scene = await open({ runs: [picture] });
	await scene.server.die();
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("engine_down");
	await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down" });
	await expect(scene.engine.status()).rejects.toMatchObject({ code: "engine_down" });
	await scene.server.restart();
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
});

describe("a server killed in the middle of a run (10)", () => {
	const killed = recordedRun("10-server-killed-mid-run");

	test("and restarted has lost the prompt: the step fails and may be tried again", async () => {
		const scene = await open({ runs: [killed, picture] }, { unreachableMs: 5_000 });
		const { error } = await runStep(scene, graphStep(killed), {
			async onProgress({ step }) {
				if (step !== 4) return;
				await scene.server.die();
				await scene.server.restart();
			},
		});
		expect(error).toMatchObject({ code: "engine_down", message: "The engine was restarted and lost the picture." });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	});

	test("and not restarted: the step fails after a while", async () => {
		const scene = await open({ runs: [killed] });
		const { error } = await runStep(scene, graphStep(killed), { onProgress: ({ step }) => step === 4 && void scene.server.die() });
		expect(error).toMatchObject({ code: "engine_down", message: "The engine could not be reached." });
	});

	test("a blip in which it does not answer costs nothing", async () => {
		const blip = ({ path, count }: Asked & { count: number }) =>
			path.startsWith("api/jobs/") && count % 2 === 1 ? ({ does: false, answer: "drop" } as const) : undefined;
		const scene = await open({ runs: [picture], fault: blip });
		expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	});
});

describe("the socket is lost (11)", () => {
	const dropped = recordedRun("11-socket-drop-and-reconnect", 0);
	const deafened = recordedRun("11-socket-drop-and-reconnect", 1);
	const missed = recordedRun("11-socket-drop-and-reconnect", 2);

	test("A: in the middle of a run: its progress goes on over the next connection", async () => {
		const script = (steps: Step[]) => before("progress", { do: "hold" }, 4)(before("progress", { do: "drop_sockets" }, 4)(steps));
		const scene = await open({ runs: [dropped], script });
		const lost = scene.server.reached("drop_sockets");
		const running = runStep(scene, graphStep(dropped));
		await lost;
		await eventually(() => scene.server.clientIds().length).toBe(2);
		scene.server.release();
		const outcome = await running;
		expect(resultOf(outcome)).toBe("1 pictures");
		expect(outcome.progress.map(({ step }) => step)).toContain(30);
		expect(scene.server.clientIds()[1]).toBe(scene.server.clientIds()[0]);
	});

	test("A: and a client id that was lost once is never used for another prompt", async () => {
		const script = (steps: Step[]) => before("progress", { do: "hold" }, 2)(before("progress", { do: "drop_sockets" }, 2)(steps));
		const scene = await open({ runs: [dropped, picture], script });
		const lost = scene.server.reached("drop_sockets");
		const running = runStep(scene, graphStep(dropped));
		await lost;
		await eventually(() => scene.server.clientIds().length).toBe(2);
		scene.server.release();
		await running;
		const held = scene.server.reached("hold");
		const next = runStep(scene, graphStep(picture));
		await held;
		scene.server.release();
		await next;
		const [first, second] = postedPrompts(scene);
		expect(second?.client_id).not.toBe(first?.client_id);
	});

	test("B: it stays open and hears nothing more: the run ends all the same", async () => {
		const heard = deafened.frames.map(({ event }) => event?.type);
		expect(heard).not.toContain("execution_success");
		const scene = await open({ runs: [deafened] });
		expect(resultOf(await runStep(scene, graphStep(deafened)))).toBe("1 pictures");
		expect(scene.server.openSockets()).toBe(1);
	});

	test("B: and once it was silent for long it is opened again, and heard again", async () => {
		const script = (steps: Step[]) => before("progress", { do: "hold" }, 4)(before("progress", { do: "deafen" }, 4)(steps));
		const scene = await open({ runs: [dropped], script }, { deafMs: 30 });
		const deaf = scene.server.reached("hold");
		const running = runStep(scene, graphStep(dropped));
		await deaf;
		await eventually(() => scene.server.clientIds().length).toBe(2);
		scene.server.release();
		expect((await running).progress.map(({ step }) => step)).toContain(30);
	});

	test("C: nothing is heard of the whole run", async () => {
		expect(missed.frames).toEqual([]);
		const scene = await open({ runs: [missed] });
		scene.server.refuseSockets(true);
		expect(resultOf(await runStep(scene, graphStep(missed)))).toBe("1 pictures");
		expect(scene.server.clientIds()).toEqual([]);
	});
});

test("the end is seen at once by its hint, long before the next look is due", async () => {
	const scene = await open({ runs: [picture] }, { lookMs: never, blindLookMs: never });
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
});

test("a hint of the end that comes before HTTP knows it is not believed, and not forgotten either", async () => {
	const ahead = (steps: Step[]) => [...steps.filter((step) => step.do !== "end"), { do: "hold" } as const, { do: "end" } as const];
	const scene = await open({ runs: [picture], script: ahead }, { lookMs: never });
	const held = scene.server.reached("hold");
	const running = runStep(scene, graphStep(picture));
	await held;
	const looks = () => scene.server.asked.filter(({ path }) => path.startsWith("api/jobs/")).length;
	await eventually(looks).toBeGreaterThan(3);
	scene.server.release();
	expect(resultOf(await running)).toBe("1 pictures");
});

test("a success that is only hinted, while HTTP says that it failed, is a failure", async () => {
	const failed = recordedRun("06-node-execution-error", 0);
	const lying = { ...failed, frames: picture.frames.map((frame) => renamed(frame)) };
	expect(resultOf(await runStep(await open({ runs: [lying] }), graphStep(failed)))).toBe("internal");

	function renamed(frame: (typeof picture.frames)[number]) {
		return frame.event ? { ...frame, event: JSON.parse(JSON.stringify(frame.event).replaceAll(picture.promptId, failed.promptId)) } : frame;
	}
});

test("what is said of another's prompt, as prompts without a client id are to everybody (12), moves nothing", async () => {
	const foreign = recordedRun("12-no-client-id-broadcast", 1, "wsA");
	const scene = await open({ runs: [run], script: before("execution_start", { do: "hold" }) });
	const held = scene.server.reached("hold");
	const running = runStep(scene, graphStep(run));
	await held;
	for (const { event } of foreign.frames) if (event) scene.server.tellAll(event);
	scene.server.release();
	const outcome = await running;
	expect(resultOf(outcome)).toBe("1 pictures");
	expect(outcome.progress.map(({ steps }) => steps ?? 10)).not.toContain(4);
});

test.each([-86_400_000, 86_400_000])("a server whose clock is off by a day (%d ms) makes no difference", async (clockSkewMs) => {
	expect(resultOf(await runStep(await open({ runs: [picture], clockSkewMs }), graphStep(picture)))).toBe("1 pictures");
});

test.each(["0.33", "0.8", "0.3.64"] as const)("pictures come from ComfyUI %s", async (version) => {
	const scene = await open({ runs: [picture], version, script: without(isLast) });
	expect(resultOf(await runStep(scene, graphStep(picture)))).toBe("1 pictures");
	expect(resultOf(await runStep(await open({ runs: [recordedRun("06-node-execution-error", 1)], version }), graphStep(run)))).toBe(
		"out_of_memory",
	);
});
