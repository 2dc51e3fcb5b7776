import type { ModelRegistry, Recipe } from "../../domain/engines/registry.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Picture, StepRequest } from "../../domain/ports.ts";
import { readImageAndMask, readStepParams, readStepPicture } from "../../domain/workflows/readStepParams.ts";
import type { StepParams } from "../../domain/workflows/stepParams.ts";
import { findControlNet, findLora, findModel } from "./matches.ts";
import { listCapabilities } from "./offers.ts";
import type { SidecarCapabilities } from "./wire.ts";

/** A step as the sidecar's job, still without an id. @throws {GlassworksError} engine_invalid, model_missing */
export function toJob(request: StepRequest, capabilities: SidecarCapabilities, registry: ModelRegistry): JsonObject {
	const { kind } = request;
	if (kind === "train_lora") return toTraining(request, capabilities, registry);
	if (kind !== "generate" && kind !== "inpaint") throw invalid(`The diffusers sidecar does not run ${kind}.`);
	const params = kind === "inpaint" ? checkInpaint(request, capabilities, registry) : readStepParams("generate", request);
	const { model, installed } = findRequested(request, capabilities, registry);
	if (params.hiresFix) throw invalid("This engine does not draw small and enlarge.");
	return {
		kind,
		model: installed.name,
		...sampling(params, model.recipe, capabilities),
		...picturesOf(request),
		controls: controlsOf(request, params, capabilities, registry),
		loras: lorasOf(params, capabilities, registry),
	};
}

function findRequested({ model: wanted }: StepRequest, capabilities: SidecarCapabilities, registry: ModelRegistry) {
	const model = registry.models.find(({ name }) => name === wanted);
	const installed = model ? findModel(capabilities, model) : null;
	if (!model || !installed) throw missing(`model "${wanted}"`);
	return { model, installed };
}

/** A training as the sidecar's job: a checkpoint twenty times on the way, samples halfway and at the end. */
function toTraining(request: StepRequest, capabilities: SidecarCapabilities, registry: ModelRegistry): JsonObject {
	const { captions, samplePrompts, steps, ...settings } = readStepParams("train_lora", request);
	const { installed } = findRequested(request, capabilities, registry);
	return {
		...{ kind: "train_lora", model: installed.name, steps, ...settings },
		pictures: captions.map((caption, at) => ({ caption, image: encode(readStepPicture(request, `picture_${at}`)) })),
		checkpointEvery: Math.max(1, Math.ceil(steps / 20)),
		...(samplePrompts.length > 0 ? { samplePrompts, sampleEvery: Math.max(1, Math.ceil(steps / 2)) } : {}),
	};
}

/** An edit's two, or the one that a drawing may start from. */
function picturesOf(request: StepRequest): JsonObject {
	if (request.kind === "inpaint") {
		const { image, mask } = readImageAndMask(request);
		return { image: encode(image), mask: encode(mask) };
	}
	return request.inputs.image ? { image: encode(request.inputs.image) } : {};
}

function checkInpaint(request: StepRequest, capabilities: SidecarCapabilities, registry: ModelRegistry): StepParams<"inpaint"> {
	const params = readStepParams("inpaint", request);
	const offer = listCapabilities(capabilities, registry).find(({ capability }) => capability === `inpaint:${request.model}`);
	if (!offer) throw missing(`model "${request.model}" for inpainting`);
	if (!offer.traits?.operations.includes(params.operation)) throw invalid(`The model "${request.model}" cannot ${params.operation} here.`);
	if (params.shapeFidelity !== null) throw invalid("This engine does not follow the mask's shape.");
	return params;
}

function sampling(params: StepParams<"generate">, recipe: Recipe, { samplers, schedulers }: SidecarCapabilities): JsonObject {
	const { prompt, negativePrompt, seed, steps, widthPx, heightPx, strength } = params;
	// What a request asks for is passed on to be refused; what our recipe prefers is left to the model where it is not there.
	const usual = (name: string, known: string[]) => (known.includes(name) ? name : null);
	return {
		...{ prompt, negativePrompt, seed, steps, widthPx, heightPx, strength },
		guidance: params.guidance ?? recipe.guidance,
		sampler: params.sampler ?? usual(recipe.sampler, samplers),
		scheduler: params.scheduler ?? usual(recipe.scheduler, schedulers),
	};
}

function controlsOf(
	request: StepRequest,
	{ controls }: StepParams<"generate">,
	capabilities: SidecarCapabilities,
	registry: ModelRegistry,
): JsonObject[] {
	return controls.map(({ net, strength, start, end, preprocess }, index) => {
		if (preprocess) throw invalid("This engine takes ready maps only, not photographs to make them from.");
		const registered = registry.controlNets.find(({ name }) => name === net);
		const installed = registered ? findControlNet(capabilities, registered) : null;
		if (!installed) throw missing(`ControlNet "${net}"`);
		return { net: installed.name, image: encode(readStepPicture(request, `control_${index}`)), strength, start, end };
	});
}

/** By the digest of its file, by our name, or by the sidecar's own for one that was trained there. */
function lorasOf({ loras }: StepParams<"generate">, capabilities: SidecarCapabilities, registry: ModelRegistry): JsonObject[] {
	return loras.map(({ name, strength, digest }): JsonObject => {
		if (digest) return { sha256: digest, strength };
		const registered = registry.loras.find((each) => each.name === name);
		const trained = capabilities.models.find((each) => each.kind === "lora" && each.name === name);
		const installed = registered ? findLora(capabilities, registered) : trained;
		if (!installed) throw missing(`LoRA "${name}"`);
		return { name: installed.name, strength };
	});
}

const encode = ({ bytes }: Picture) => Buffer.from(bytes).toString("base64");
const invalid = (message: string) => new GlassworksError("engine_invalid", message);
const missing = (what: string) => new GlassworksError("model_missing", `The diffusers sidecar does not have the ${what}.`);
