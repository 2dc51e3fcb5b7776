import type { NodeCatalogue } from "../../../domain/engines/nodeCatalogue.ts";
import type { Drawing, LoadedModel, Prompts, Size } from "./drawing.ts";
import type { Link, NodeName } from "./nodeTypes.ts";
import { bothPrompts } from "./prompts.ts";
import { refuse } from "./readRequest.ts";

/** One pass of the sampler over a latent. */
export interface Pass {
	title: string;
	latent: Link<"LATENT">;
	/** What the latent is a picture of: Flux shifts its noise schedule by it. */
	size: Size;
	/** Steps that are really run, whatever `denoise` is. */
	steps: number;
	/** 1 starts from noise, 0 returns the latent. */
	denoise: number;
}

/** Runs the sampler. The seed makes the same noise on every server. @throws {GlassworksError} `engine_invalid` */
export function sample(drawing: Drawing, { model }: LoadedModel, prompts: Prompts, asked: Pass): Link<"LATENT"> {
	// ComfyUI lays out steps / denoise of them to run the last: a strength near 0 would take all of its memory. Its own widget steps by 0.01.
	const pass = { ...asked, denoise: Math.round(asked.denoise * 100) / 100 };
	return drawing.recipe.family === "flux"
		? sampleFlux(drawing, model, prompts.positive, pass)
		: sampleWithGuidance(drawing, model, prompts, pass);
}

function sampleWithGuidance({ graph, known, recipe, params }: Drawing, model: Link<"MODEL">, prompts: Prompts, pass: Pass): Link<"LATENT"> {
	const { sampler_name, scheduler } = chooseSampler(known.nodes, recipe, params, "KSampler", "KSampler");
	// Below 1 ComfyUI would draw more and more of the negative prompt; to us all of that is "no guidance".
	const cfg = Math.max(1, params.guidance ?? (recipe.distilled ? 1 : recipe.guidance));
	const [latent] = graph.add(pass.title, "KSampler", {
		model,
		...{ seed: params.seed, steps: pass.steps, cfg, sampler_name, scheduler, denoise: pass.denoise },
		...{ ...bothPrompts(graph, prompts), latent_image: pass.latent },
	});
	return latent;
}

function sampleFlux(
	{ graph, known, recipe, params }: Drawing,
	net: Link<"MODEL">,
	positive: Link<"CONDITIONING">,
	pass: Pass,
): Link<"LATENT"> {
	const { sampler_name, scheduler } = chooseSampler(known.nodes, recipe, params, "KSamplerSelect", "BasicScheduler");
	const named = (part: string) => (pass.title === "sampler" ? part : `${pass.title} ${part}`);
	const { widthPx: width, heightPx: height } = pass.size;
	// The shift between max_shift at 1024 x 1024 and base_shift at 256 x 256 that dev was trained with; schnell has none.
	const shifted = () => graph.add(named("shift"), "ModelSamplingFlux", { model: net, max_shift: 1.15, base_shift: 0.5, width, height })[0];
	const model = recipe.distilled ? net : shifted();
	const [noise] = graph.add(named("seed"), "RandomNoise", { noise_seed: params.seed });
	const [guider] = graph.add(named("guider"), "BasicGuider", { model, conditioning: positive });
	const [sampler] = graph.add(named("sampler"), "KSamplerSelect", { sampler_name });
	const [sigmas] = graph.add(named("scheduler"), "BasicScheduler", { model, scheduler, steps: pass.steps, denoise: pass.denoise });
	return graph.add(named("sample"), "SamplerCustomAdvanced", { noise, guider, sampler, sigmas, latent_image: pass.latent })[0];
}

type Names = { sampler: string | null; scheduler: string | null };

/** The request's sampler and scheduler, or the recipe's, when the server has them. @throws {GlassworksError} `engine_invalid` */
function chooseSampler(nodes: NodeCatalogue, recipe: Names, asked: Names, samplerNode: NodeName, schedulerNode: NodeName) {
	const choose = (field: keyof Names, node: NodeName, input: string) => {
		const name = asked[field] ?? recipe[field] ?? "";
		const offered = nodes.get(node)?.inputs.find((each) => each.name === input)?.options;
		return offered?.includes(name) ? name : refuse(field, `this engine has no ${field} "${name}".`);
	};
	return { sampler_name: choose("sampler", samplerNode, "sampler_name"), scheduler: choose("scheduler", schedulerNode, "scheduler") };
}
