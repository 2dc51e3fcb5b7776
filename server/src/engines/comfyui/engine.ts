import { emptyRegistry, type ModelRegistry } from "../../domain/engines/registry.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { Engine } from "../../domain/ports.ts";
import { freeMemory } from "./freeMemory.ts";
import { type Discovery, discover } from "./graphs/discover.ts";
import type { Known } from "./graphs/readRequest.ts";
import { type ComfyEngineOptions, openServer } from "./openServer.ts";
import { readStatus } from "./readStatus.ts";
import { runStep } from "./runStep.ts";

/**
 * Runs steps on a ComfyUI server, of which nothing is expected but its HTTP and its socket. What HTTP says is true, what the socket says
 * is a hint (docs/decisions/0015).
 */
export function createComfyEngine(options: ComfyEngineOptions): Engine {
	const server = openServer(options);
	const { http, hints, health, catalogue } = server;
	let registry: ModelRegistry = emptyRegistry;
	/** `losses`: a server that was lost since may have restarted, and then holds nothing. */
	let held: { model: string; losses: number } | null = null;

	/** Trying every graph takes a tenth of a second where there are many files: once for each change. */
	let found: (Known & { discovery: Discovery }) | null = null;

	async function look(): Promise<Discovery> {
		await health.check();
		const { nodes } = await catalogue.read();
		if (found?.nodes !== nodes || found.registry !== registry) found = { registry, nodes, discovery: discover({ registry, nodes }) };
		return found.discovery;
	}

	return {
		name: "comfyui",
		slots: 1,
		learn(learnt) {
			registry = learnt;
		},
		capabilities: async () => (await look()).capabilities,
		async status() {
			const { missing } = await look();
			const loadedModel = held?.losses === hints.losses() ? held.model : null;
			return { ...(await readStatus(http)), loadedModel, missing };
		},
		nodes: async () => (await catalogue.read()).objectInfo,
		async run(request, context) {
			try {
				const output = await runStep(request, context, server, registry);
				const loads = request.kind === "generate" || request.kind === "inpaint";
				if (loads) held = { model: request.model, losses: hints.losses() };
				else if (request.kind === "graph") held = null;
				return output;
			} catch (error) {
				// ComfyUI unloads its models when memory runs out, but for what it keeps of earlier results.
				if (error instanceof GlassworksError && error.code === "out_of_memory") {
					held = null;
					await freeMemory(http);
				}
				throw error;
			}
		},
		close: async () => hints.close(),
	};
}
