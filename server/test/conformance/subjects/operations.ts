import type { CapabilityInfo, StepRequest } from "../../../src/domain/ports.ts";
import { stepParams } from "../../../src/domain/workflows/stepParams.ts";

/** What an engine says it can do, each in a word. */
export function offered({ capability, traits }: CapabilityInfo): string[] {
	const [kind = ""] = capability.split(":");
	const stack = [
		...(traits?.hiresFix ? ["hires fix"] : []),
		...(several(traits?.loras.length, null) ? ["LoRA stack"] : []),
		...(several(traits?.controlNets.length, traits?.maxControlNets) ? ["ControlNet stack"] : []),
		...(traits?.maxControlNets === 1 && traits.controlNets.length > 0 ? ["ControlNet"] : []),
		...(traits?.preprocessors.length && traits.controlNets.length > 0 ? ["map made from a picture"] : []),
	];
	if (kind === "generate") return [kind, ...(traits?.imageToImage ? ["image to image"] : []), ...stack];
	if (kind !== "inpaint") return [kind];
	return [...(traits?.operations ?? []), ...(traits?.shapeGuided ? ["shape-guided"] : []), ...stack];
}

/** What a step asks for, in the same words. */
export function asked({ kind, params, inputs }: StepRequest): string[] {
	if (kind !== "generate" && kind !== "inpaint") return [kind];
	const { controls, loras, hiresFix, ...more } = stepParams[kind].parse(params);
	const stack = [
		...(hiresFix ? ["hires fix"] : []),
		...(loras.length > 1 ? ["LoRA stack"] : []),
		...(controls.length > 1 ? ["ControlNet stack"] : []),
		...(controls.length === 1 ? ["ControlNet"] : []),
		...(controls.some(({ preprocess }) => preprocess) ? ["map made from a picture"] : []),
	];
	if (kind === "generate") return [kind, ...(inputs.image ? ["image to image"] : []), ...stack];
	const { operation, shapeFidelity } = { shapeFidelity: null, operation: "replace", ...more };
	return [operation, ...(shapeFidelity === null ? [] : ["shape-guided"]), ...stack];
}

function several(installed = 0, most: number | null = 0): boolean {
	return installed > 1 && (most === null || most > 1);
}
