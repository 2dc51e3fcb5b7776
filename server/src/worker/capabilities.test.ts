import { expect, test, vi } from "vitest";
import type { Traits } from "../domain/engines/traits.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Engine } from "../domain/ports.ts";
import { discoverCapabilities } from "./capabilities.ts";

const draws = "generate:sdxl" as const;
const graph = "graph:comfyui" as const;

/** An engine that says what it can, and is never run. */
function engine(name: string, { traits = {}, nodes }: { traits?: Partial<Traits>; nodes?: JsonObject } = {}): Engine {
	const infos = [{ capability: draws, traits }, ...(nodes ? [{ capability: graph }] : [])];
	return {
		...{ name, slots: 1, capabilities: async () => infos.map((info) => ({ digest: null, ...info })) },
		...(nodes ? { nodes: async () => nodes } : {}),
		status: () => Promise.reject(new Error("not asked")),
		run: () => Promise.reject(new Error("not run")),
		close: async () => {},
	} as Engine;
}

const node = (...files: string[]): JsonObject => ({
	input: { required: { ckpt_name: [files, {}] } },
	output: ["MODEL"],
	output_name: ["MODEL"],
});
const log = { info: () => {}, warn: vi.fn(), error: () => {}, debug: () => {} };

async function discover(...engines: Engine[]) {
	const capabilities = discoverCapabilities(engines, log as never);
	await capabilities.refresh();
	const takers = (capability: typeof draws | typeof graph) => {
		const taken = Array.from({ length: 4 }, () => capabilities.take(capability));
		for (const each of taken) each?.done();
		return [...new Set(taken.map((each) => each?.engine.name))];
	};
	return { capabilities, takers };
}

test("engines that are alike share the steps", async () => {
	const { takers } = await discover(engine("a", { traits: { loras: ["ink"] } }), engine("b", { traits: { loras: ["clay", "ink"] } }));
	expect(takers(draws)).toEqual(["a", "b"]);
});

test("an engine that lacks what is promised is handed none of those steps, and the operator is told", async () => {
	const { takers, capabilities } = await discover(engine("a", { traits: { loras: ["ink"] } }), engine("b"));
	expect(capabilities.traits()[draws]?.loras).toEqual(["ink"]);
	expect(takers(draws)).toEqual(["a"]);
	expect(log.warn).toHaveBeenCalledWith(expect.objectContaining({ engine: "b", capability: draws }), expect.stringContaining("of its own"));
});

test("what several ComfyUIs have only together is not promised: each graph runs on whichever takes it", async () => {
	const first = { CheckpointLoaderSimple: node("a.safetensors"), RareBlur: node() };
	const second = { CheckpointLoaderSimple: node("a.safetensors", "b.safetensors"), RareGlow: node() };
	const differing = await discover(engine("a", { nodes: first }), engine("b", { nodes: second }));
	expect(Object.keys(differing.capabilities.nodes()?.nodes ?? {})).toEqual(["CheckpointLoaderSimple", "RareBlur"]);
	expect(differing.takers(graph)).toEqual(["a"]);
	// What both can do is shared still.
	expect(differing.takers(draws)).toEqual(["a", "b"]);
	const richer = await discover(engine("a", { nodes: first }), engine("b", { nodes: { ...first, ...second } }));
	expect(richer.takers(graph)).toEqual(["a", "b"]);
});

test("a server that lacks only a file takes no graphs of one that has it", async () => {
	const [first, second] = [{ CheckpointLoaderSimple: node("a.safetensors") }, { CheckpointLoaderSimple: node("b.safetensors") }];
	expect((await discover(engine("a", { nodes: first }), engine("b", { nodes: second }))).takers(graph)).toEqual(["a"]);
});
