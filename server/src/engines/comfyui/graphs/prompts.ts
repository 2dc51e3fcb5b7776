import type { Drawing, LoadedModel, Prompts } from "./drawing.ts";
import type { Graph } from "./graph.ts";
import type { Link } from "./nodeTypes.ts";

/**
 * The texts as the network takes them. Flux was distilled to draw with guidance in one go: it has its own scale and no use for a negative
 * prompt, which is left out; schnell has neither.
 */
export function encodePrompts({ graph, recipe, params }: Drawing, { clip }: LoadedModel): Prompts {
	const [positive] = graph.add("positive", "CLIPTextEncode", { text: params.prompt, clip });
	if (recipe.family !== "flux") {
		const [negative] = graph.add("negative", "CLIPTextEncode", { text: params.negativePrompt, clip });
		return { positive, negative };
	}
	if (recipe.distilled) return { positive, negative: null };
	const guidance = params.guidance ?? recipe.guidance;
	return { positive: graph.add("guidance", "FluxGuidance", { conditioning: positive, guidance })[0], negative: null };
}

/** Nodes that change both prompts need two; the second of a network that draws without is all zeros and not looked at. */
export function bothPrompts(
	graph: Graph,
	{ positive, negative }: Prompts,
): { positive: Link<"CONDITIONING">; negative: Link<"CONDITIONING"> } {
	return { positive, negative: negative ?? graph.add("no negative", "ConditioningZeroOut", { conditioning: positive })[0] };
}
