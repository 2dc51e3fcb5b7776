import { describe, expect, test } from "vitest";
import { type ModelRegistry, modelRegistry } from "../../../src/domain/engines/registry.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import { eventually, graphStep, open, postedPrompts, resultOf, runStep } from "./harness.ts";
import { recordedRun } from "./replay/recordedRun.ts";
import { before } from "./replay/script.ts";
import { readObjectInfo } from "./replay/transcript.ts";

const picture = recordedRun("01-txt2img-legacy-preview");

/** One model whose file the recorded server has, and one whose file it lacks. */
const registry: ModelRegistry = modelRegistry.parse({
	models: [
		{ name: "tiny", steps: ["generate"], recipe: { family: "sd15", checkpoint: ["h1-tiny-sd15.safetensors"], guidance: 7 } },
		{ name: "absent", steps: ["generate"], recipe: { family: "sd15", checkpoint: ["absent.safetensors"], guidance: 7 } },
	],
	...{ controlNets: [], loras: [], upscalers: [] },
});

const draw = {
	kind: "generate" as const,
	model: "tiny",
	params: { prompt: "a lighthouse", seed: 7, steps: 4, widthPx: 512, heightPx: 512 },
	inputs: {},
};

const readsOf = ({ server }: Awaited<ReturnType<typeof open>>, path: string) => server.asked.filter((asked) => asked.path === path).length;

/** The recorded server with one more checkpoint. */
function withCheckpoint(name: string): JsonObject {
	const objectInfo = readObjectInfo();
	const loader = objectInfo.CheckpointLoaderSimple as { input: { required: { ckpt_name: [string[]] } } };
	loader.input.required.ckpt_name[0].push(name);
	return objectInfo;
}

test("it offers what the server has the files for, and tells the operator what else it could run", async () => {
	const { engine } = await open({ runs: [picture] });
	engine.learn?.(registry);
	const offered = (await engine.capabilities()).map(({ capability }) => capability);
	expect(offered).toContain("generate:tiny");
	expect(offered).toContain("graph:comfyui");
	expect(offered).not.toContain("generate:absent");
	expect((await engine.status()).missing).toContainEqual({ name: "absent", files: ["absent.safetensors"] });
});

test("its state is told as the server tells it", async () => {
	const { engine } = await open({ runs: [picture] });
	expect(await engine.status()).toMatchObject({
		version: "0.33.0",
		device: "cpu",
		vramTotalBytes: 25_276_502_016,
		queued: 0,
		loadedModel: null,
	});
});

describe("a step of ours", () => {
	test("becomes a graph of the server's nodes and gives its picture, and its model counts as loaded", async () => {
		const scene = await open({ runs: [picture] });
		scene.engine.learn?.(registry);
		expect(resultOf(await runStep(scene, draw))).toBe("1 pictures");
		const classes = Object.values(postedPrompts(scene)[0]?.prompt ?? {}).map((node) => node.class_type);
		expect(classes).toContain("KSampler");
		expect((await scene.engine.status()).loadedModel).toBe("tiny");
	});

	test("whose model's file is not there is refused without asking the server", async () => {
		const scene = await open({ runs: [picture] });
		scene.engine.learn?.(registry);
		expect(resultOf(await runStep(scene, { ...draw, model: "absent" }))).toBe("model_missing");
		expect(postedPrompts(scene)).toEqual([]);
	});

	test("whose model took so long to load that the socket was opened again, leaves it loaded all the same", async () => {
		const scene = await open({ runs: [picture], script: before("executed", { do: "hold" }) }, { deafMs: 20 });
		scene.engine.learn?.(registry);
		const held = scene.server.reached("hold");
		const running = runStep(scene, draw);
		await held;
		await eventually(() => scene.server.clientIds().length).toBe(2);
		scene.server.release();
		expect(resultOf(await running)).toBe("1 pictures");
		await eventually(() => scene.server.openSockets()).toBe(0);
		expect((await scene.engine.status()).loadedModel).toBe("tiny");
		// Nor is the list of nodes read again: nothing was lost.
		expect(readsOf(scene, "object_info")).toBe(1);
	});

	test("which a graph of somebody follows: what is loaded is then not known", async () => {
		const scene = await open({ runs: [picture] });
		scene.engine.learn?.(registry);
		await runStep(scene, draw);
		await runStep(scene, graphStep(picture));
		expect((await scene.engine.status()).loadedModel).toBeNull();
	});

	test("after which the server was restarted: nothing is loaded", async () => {
		const scene = await open({ runs: [picture] });
		scene.engine.learn?.(registry);
		await runStep(scene, draw);
		await scene.server.die();
		await scene.server.restart();
		expect((await scene.engine.status()).loadedModel).toBeNull();
	});
});

describe("the list of nodes, megabytes on a real server,", () => {
	test("is read once while nothing changes", async () => {
		const scene = await open({ runs: [picture] });
		const first = await scene.engine.nodes?.();
		expect(await scene.engine.nodes?.()).toBe(first);
		await scene.engine.capabilities();
		expect(readsOf(scene, "object_info")).toBe(1);
	});

	test("is read again when a model file is added, and the model offered", async () => {
		const scene = await open({ runs: [picture] });
		scene.engine.learn?.(registry);
		await scene.engine.capabilities();
		scene.server.setObjectInfo(withCheckpoint("absent.safetensors"));
		expect((await scene.engine.capabilities()).map(({ capability }) => capability)).toContain("generate:absent");
		expect(readsOf(scene, "object_info")).toBe(2);
	});

	test("is read again after the server was lost, for it may have come back with other nodes", async () => {
		const scene = await open({ runs: [picture] });
		await runStep(scene, graphStep(picture));
		await scene.engine.capabilities();
		await scene.server.die();
		await scene.server.restart();
		await scene.engine.capabilities();
		expect(readsOf(scene, "object_info")).toBe(2);
	});

	test("is read again when it is old", async () => {
		const scene = await open({ runs: [picture] }, { catalogueMs: 0 });
		await scene.engine.capabilities();
		await scene.engine.capabilities();
		expect(readsOf(scene, "object_info")).toBe(2);
	});
});
