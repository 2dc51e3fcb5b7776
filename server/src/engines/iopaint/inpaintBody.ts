import { type EditOperation, editOperations } from "../../domain/engines/traits.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { Picture, StepRequest } from "../../domain/ports.ts";
import { readImageAndMask, readStepParams } from "../../domain/workflows/readStepParams.ts";
import type { StepParams } from "../../domain/workflows/stepParams.ts";
import type { Offer } from "./offers.ts";
import { encodeMask, encodeSolid } from "./pictures.ts";
import { samplerName } from "./samplers.ts";
import type { ServerConfig } from "./serverConfig.ts";

export interface InpaintJob {
	offer: Offer;
	image: Picture;
	/** Body of POST /api/v1/inpaint. */
	body: Record<string, string | number | boolean>;
	/** How many times IOPaint will report progress; 0: it does not. */
	steps: number;
	powerPaint: boolean;
	controlNet: boolean;
	/** Parameters without an effect on this model. Goes into the recipe. */
	unused: string[];
}

type Params = StepParams<"inpaint">;

/**
 * The request for one inpaint step. IOPaint ignores what a model cannot do and answers 200 all the same, so everything is compared with what
 * the model supports first.
 * @throws {GlassworksError} engine_invalid
 */
export async function buildInpaintJob(request: StepRequest, offer: Offer, config: ServerConfig): Promise<InpaintJob> {
	const params = readStepParams("inpaint", request);
	refuseUnsupported(params, offer);
	const { image, mask } = readImageAndMask(request);
	const parts = offer.recipe === null ? eraseBody(params) : promptBody(params, offer, config, controlOf(params, offer, request, image));
	const body = { image: await encodeSolid(image), mask: await encodeMask(mask), ...parts.body };
	return { offer, image, powerPaint: false, controlNet: false, ...parts, body };
}

function refuse(what: string, data: Record<string, string | number> = {}): never {
	throw new GlassworksError("engine_invalid", `IOPaint cannot do this with the model: ${what}.`, data);
}

function refuseUnsupported(params: Params, offer: Offer): void {
	const { operation, prompt, shapeFidelity, controls, loras, hiresFix, style } = params;
	if (!offer.operations.includes(operation)) {
		const can = editOperations.filter((each) => offer.operations.includes(each)).join(", ");
		refuse(`operation "${operation}"; it can ${can}`, { operation });
	}
	if (offer.recipe === null && prompt.trim() !== "") refuse("a prompt; it only continues the surroundings");
	if (shapeFidelity !== null && !offer.powerPaint) refuse("following the mask's shape (shapeFidelity)");
	if (controls.length > 0 && offer.controlNets.length === 0) refuse("ControlNets");
	if (controls.length > 1) refuse("more than one ControlNet", { asked: controls.length });
	if (loras.length > 0) refuse("LoRAs");
	if (hiresFix !== null) refuse("drawing small and enlarging (hiresFix)");
	if (style !== null) refuse(`the style "${style}"`, { style });
}

type Parts = Omit<InpaintJob, "offer" | "image" | "powerPaint" | "controlNet"> & { powerPaint?: boolean; controlNet?: boolean };

function eraseBody({ seed, negativePrompt }: Params): Parts {
	const unused = ["steps", "guidance", "strength", "sampler", "scheduler", ...(negativePrompt === "" ? [] : ["negativePrompt"])];
	return { body: { sd_seed: seed }, steps: 0, unused };
}

interface Control {
	method: string;
	strength: number;
}

/** IOPaint makes the map itself, always from the picture that is edited, and takes none. @throws {GlassworksError} engine_invalid */
function controlOf({ controls }: Params, offer: Offer, request: StepRequest, image: Picture): Control | null {
	const control = controls[0];
	if (!control) return null;
	const found = offer.controlNets.find(({ net }) => net.name === control.net);
	if (!found) refuse(`the ControlNet "${control.net}"`, { net: control.net });
	const picture = request.inputs.control_0;
	const same = picture === undefined || Buffer.compare(picture.bytes, image.bytes) === 0;
	if (!control.preprocess || !same) refuse("a ControlNet with a map or picture of its own; it looks at the picture that is edited");
	if (control.strength > 1) refuse("a ControlNet strength above 1", { max: 1, asked: control.strength });
	if (control.start !== 0 || control.end !== 1) refuse("a ControlNet for a part of the sampling");
	return { method: found.method, strength: control.strength };
}

function promptBody(params: Params, offer: Offer, config: ServerConfig, control: Control | null): Parts {
	const { recipe } = offer;
	if (recipe === null) throw new Error("a prompt model without a recipe");
	const { operation, prompt, negativePrompt, seed, steps } = params;
	const powerPaint = offer.powerPaint && control === null;
	const strength = operation === "outpaint" ? 1 : leastStrength(params);
	// Only the plain pipeline looks at the strength.
	const plain = !powerPaint && control === null && !config.enableControlnet;
	const body = {
		prompt,
		negative_prompt: negativePrompt,
		sd_seed: seed,
		sd_steps: steps,
		sd_guidance_scale: params.guidance ?? usualGuidance(operation, powerPaint, recipe.guidance),
		sd_strength: strength,
		sd_sampler: samplerName(params, recipe, config.samplers),
		// Once switched on, a ControlNet acts in every request: one that asks for none silences it.
		enable_controlnet: control !== null,
		controlnet_conditioning_scale: control?.strength ?? 0,
		...(control ? { controlnet_method: control.method } : {}),
		...powerPaintBody(params, powerPaint),
	};
	const unused = plain || operation === "outpaint" ? [] : ["strength"];
	return { body, steps: plain ? Math.min(steps, Math.floor(steps * strength)) : steps, unused, powerPaint, controlNet: control !== null };
}

function powerPaintBody({ operation, shapeFidelity }: Params, powerPaint: boolean): InpaintJob["body"] {
	if (!powerPaint) return { enable_powerpaint_v2: false };
	const drawn = shapeFidelity === null ? "text-guided" : "shape-guided";
	const tasks: Record<EditOperation, string> = {
		remove: "object-remove",
		fill: "context-aware",
		replace: drawn,
		insert: drawn,
		outpaint: "outpainting",
	};
	// Must be above 0 there.
	return { enable_powerpaint_v2: true, powerpaint_task: tasks[operation], fitting_degree: Math.max(0.01, shapeFidelity ?? 1) };
}

/** PowerPaint's authors advise 10 or more for removing and outpainting, and preset 12. */
function usualGuidance(operation: EditOperation, powerPaint: boolean, ofModel: number): number {
	return powerPaint && (operation === "remove" || operation === "outpaint") ? Math.max(12, ofModel) : ofModel;
}

/** Less than one step of denoising is an error there. */
function leastStrength({ strength, steps }: Params): number {
	return Math.min(1, Math.max(strength, 1.01 / steps));
}
