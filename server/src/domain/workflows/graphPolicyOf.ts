import type { OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import { coreNodeClasses } from "./comfy/coreNodeClasses.ts";
import type { GraphPolicy } from "./comfy/graphPolicy.ts";

/** Pictures in a batch, and nodes that sample, of a graph on a plan that pays: each costs about a picture. */
const maxBatch = 4;
const maxSamplers = 4;

/** What a graph may hold on a plan: node classes refused unless known, files of the models it includes, sizes and steps as for any request. */
export function graphPolicyOf(
	{ models, controlNets, loras, upscalers, allowedNodes, allowedFiles }: OperatorConfig,
	plan: Plan,
	fields: Pick<GraphPolicy, "inputs" | "assets">,
): GraphPolicy {
	const included = models.filter(({ name }) => plan.models === "all" || plan.models.includes(name));
	const files = included.flatMap(({ recipe }) => [
		...(recipe?.checkpoint ?? []),
		...(recipe?.parts ? [...recipe.parts.network, ...recipe.parts.textEncoders.flat(), ...recipe.parts.vae] : []),
	]);
	const families = new Set(included.map(({ recipe }) => recipe?.family));
	const overlays = [...controlNets, ...loras].filter(({ family }) => families.has(family)).flatMap((entry) => entry.files);
	return {
		allowedClasses: new Set([...coreNodeClasses, ...allowedNodes]),
		allowedFiles: new Set([...files, ...overlays, ...upscalers.flatMap((entry) => entry.files), ...allowedFiles]),
		maxSidePx: plan.maxSidePx,
		maxSteps: plan.maxSteps,
		maxBatch: plan.free ? null : maxBatch,
		maxSamplers: plan.free ? null : maxSamplers,
		...fields,
	};
}
