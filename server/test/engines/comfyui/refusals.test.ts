import { describe, expect, test } from "vitest";
import { eventually, graphStep, type Outcome, open, paths, postedPrompts, resultOf, runStep } from "./harness.ts";
import { type RecordedRun, recordedRun, recordedRuns } from "./replay/recordedRun.ts";

/** A graph that our own check takes, for answers to graphs that it does not. */
const plain = recordedRun("01-txt2img-legacy-preview");
const name = "05-validation-errors";

/** What a tenant must never be told: what else is installed, where things lie, where code broke. */
function expectDiscreet({ error }: Outcome): void {
	const told = `${error?.message} ${JSON.stringify(error?.data)}`;
	for (const secret of ["h1-tiny-sd15", "flux1-dev", "sd_xl_base", "Traceback", "traceback", "/comfyui", "KeyError", "a red cube"])
		expect(told).not.toContain(secret);
}

describe("what the server refuses is told in words that help and say nothing of the server", () => {
	test.each([
		["no prompt key", "engine_invalid", "The engine refused the graph."],
		["empty prompt", "engine_invalid", "The graph has no node that makes a picture."],
		["unknown checkpoint", "model_missing", 'A model file that "Load Checkpoint" loads is not installed: nope.safetensors.'],
		[
			"missing input + bad int",
			"engine_invalid",
			"steps is not of the right type; KSampler: model is missing; KSampler: cfg is above the largest allowed (100)",
		],
		["wrong link type", "engine_invalid", "KSampler: positive is linked to an output of another type"],
		["unknown class_type", "model_missing", "The engine does not have the node NoSuchNode."],
		["no class_type", "engine_invalid", "has no class_type"],
		["no output node", "engine_invalid", "The graph has no node that makes a picture."],
		["link to a node that is absent", "engine_invalid", "samples is linked to something that is not there"],
		["link to an output slot", "engine_invalid", "images is linked to something that is not there"],
		["cycle", "engine_invalid", "KSampler: it depends on itself"],
		["LoadImage of a file not uploaded", "engine_invalid", "LoadImage: image was not accepted"],
		["client prompt_id not a UUID", "engine_invalid", "The engine refused the graph."],
		["UI-format workflow posted as body", "engine_invalid", "The engine refused the graph."],
		["seed below min", "engine_invalid", "KSampler: seed is below the smallest allowed (0)"],
		["partial target that is not an output node", "engine_invalid", "The graph has no node that makes a picture."],
	])("%s", async (note, code, message) => {
		const refused = recordedRun(name, note);
		const scene = await open({ runs: [refused] });
		const outcome = await runStep(scene, graphStep(isPostable(refused) ? refused : plain));
		expect(outcome.error?.code).toBe(code);
		expect(outcome.error?.message).toContain(message);
		expectDiscreet(outcome);
		expect(postedPrompts(scene)).toHaveLength(1);
	});
});

function isPostable({ graph }: RecordedRun): boolean {
	return Object.values(graph).length > 0 && Object.values(graph).every((node) => typeof node?.class_type === "string");
}

test("every recorded refusal is one of those above", () => {
	const refusals = recordedRuns(name).filter(({ answer }) => answer.status === 400);
	expect(refusals).toHaveLength(16);
});

test.each(["UI-format workflow as prompt", "number not numeric", "prompt is a list"])(
	"a server that breaks on a graph (%s) ends the step, after one more try",
	async (note) => {
		const broken = recordedRun(name, note);
		expect(broken.answer).toMatchObject({ status: 500, json: undefined });
		const scene = await open({ runs: [broken] });
		expect(resultOf(await runStep(scene, graphStep(plain)))).toBe("internal");
		const [first, second, ...more] = postedPrompts(scene);
		expect(more).toEqual([]);
		expect(first?.prompt_id).not.toBe(second?.prompt_id);
	},
);

test("a server that refuses the worker itself (403) is not the tenant's mistake", async () => {
	const refused = recordedRun(name, "cross-origin");
	expect(refused.answer.status).toBe(403);
	expect(resultOf(await runStep(await open({ runs: [refused] }), graphStep(plain)))).toBe("engine_down");
});

test("a graph of which the server takes a part only is refused, and that part is stopped", async () => {
	const partial = recordedRun(name, "TWO outputs");
	expect(partial.answer.status).toBe(200);
	const scene = await open({ runs: [partial], script: (steps) => [{ do: "hold" }, ...steps] });
	const outcome = await runStep(scene, graphStep(partial));
	expect(outcome.error).toMatchObject({
		code: "engine_invalid",
		message: "The engine refused the graph. LoadImage: image was not accepted.",
	});
	expect(scene.server.plays().filter(({ state }) => state !== "ended")).toEqual([]);
	expect(paths(scene, "GET")).not.toContain("view");
});

test("a node that fails leaves its title with the tenant, and the rest without prompts in the log", async () => {
	const failed = recordedRun("06-node-execution-error", 0);
	const scene = await open({ runs: [failed] });
	const outcome = await runStep(scene, graphStep(failed));
	expect(outcome.error).toMatchObject({ code: "internal", message: 'The engine failed in "H1Raise".' });
	expect(JSON.stringify(outcome.error)).not.toContain("deliberate");
	const log = scene.logged.join("\n");
	expect(log).toContain("ValueError");
	expect(log).toContain("deliberate failure");
	expect(log).not.toContain("tensor(");
});

test("a card without memory left is told apart, for a smaller or another try", async () => {
	const failed = recordedRun("06-node-execution-error", 1);
	const { error } = await runStep(await open({ runs: [failed] }), graphStep(failed));
	expect(error).toMatchObject({ code: "out_of_memory", message: 'The engine ran out of memory in "H1Raise".' });
});

test("a run that is called a success and made nothing is a failure", async () => {
	const blocked = recordedRun("06-node-execution-error", 2);
	expect(blocked.job?.status).toBe("completed");
	const { error } = await runStep(await open({ runs: [blocked] }), graphStep(blocked));
	expect(error).toMatchObject({ code: "engine_invalid", message: "The graph ended without a picture." });
	const streamed = recordedRun("14b-save-image-websocket-with-flags", 0);
	expect(resultOf(await runStep(await open({ runs: [streamed] }), graphStep(streamed)))).toBe("engine_invalid");
});

test("a model file that is damaged, and a picture that is none, fail in the node that reads them", async () => {
	const damaged = recordedRun("06-node-execution-error", 3);
	const { error } = await runStep(await open({ runs: [damaged] }), graphStep(damaged));
	expect(error).toMatchObject({ code: "internal", message: 'The engine failed in "Load Checkpoint".' });
	const junk = recordedRun("09-upload-and-use", 2);
	const outcome = await runStep(await open({ runs: [junk] }), graphStep(junk));
	expect(outcome.error).toMatchObject({ code: "internal", message: 'The engine failed in "LoadImage".' });
	expectDiscreet(outcome);
});

test("after a failure the next step runs", async () => {
	const [failed, good] = [recordedRun("06-node-execution-error", 0), plain];
	const scene = await open({ runs: [failed, good] });
	expect(resultOf(await runStep(scene, graphStep(failed)))).toBe("internal");
	expect(resultOf(await runStep(scene, graphStep(good)))).toBe("1 pictures");
});

/** The recorded failure with what Python says when a disk is full. */
function withFullDisk(run: RecordedRun): RecordedRun {
	const full = { exception_type: "OSError", exception_message: "[Errno 28] No space left on device: '/comfyui/output/gw'" };
	const change = (_: string, value: unknown) =>
		value && typeof value === "object" && "exception_type" in value ? { ...value, ...full } : value;
	return JSON.parse(JSON.stringify(run, change));
}

test("an engine whose disk is full is given nothing for a while, for it would fail all there is", async () => {
	const scene = await open({ runs: [withFullDisk(recordedRun("06-node-execution-error", 0)), plain] }, { restMs: 500 });
	const { error } = await runStep(scene, graphStep(plain));
	expect(error).toMatchObject({ code: "engine_down", message: "The engine has no room left on its disk for what it makes." });
	await expect(scene.engine.capabilities()).rejects.toMatchObject({ code: "engine_down", message: expect.stringContaining("no room") });
	expect(resultOf(await runStep(scene, graphStep(plain)))).toBe("engine_down");
	expect(postedPrompts(scene)).toHaveLength(1);
	await eventually(() =>
		scene.engine.capabilities().then(
			({ length }) => length > 0,
			() => false,
		),
	).toBe(true);
	expect(resultOf(await runStep(scene, graphStep(plain)))).toBe("1 pictures");
});

test("an output that is not a picture never leaves the worker", async () => {
	const scene = await open({
		runs: [plain],
		fault: ({ path }) => (path === "view" ? { does: false, answer: "status", status: 200 } : undefined),
	});
	const { error } = await runStep(scene, graphStep(plain));
	expect(error).toMatchObject({ code: "internal", message: "What the engine made is not a picture that can be read." });
});
