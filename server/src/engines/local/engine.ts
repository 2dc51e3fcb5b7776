import { basename } from "node:path";
import type { Traits } from "../../domain/engines/traits.ts";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { CapabilityInfo, Engine, Log, Picture, PictureGate, StepContext, StepOutput, StepRequest } from "../../domain/ports.ts";
import { readImageAndMask, readStepParams, readStepPicture } from "../../domain/workflows/readStepParams.ts";
import type { StepParams } from "../../domain/workflows/stepParams.ts";
import { createDigests, type LocalCapability, localCapabilities, missingFiles } from "./capabilities.ts";
import { glyphSidePx } from "./glyph/sample.ts";
import { chooseStyle } from "./glyph/styles.ts";
import { JobThread } from "./runtime/jobThread.ts";
import type { Job } from "./runtime/messages.ts";
import { upscaleFactor } from "./upscale.ts";

export interface LocalEngineOptions {
	/** Folder of the shipped networks (models/). */
	modelsDir: string;
	/** Folder of the networks that `glassworks models pull` brought; may not exist yet. */
	dataModelsDir?: string;
	pictures: PictureGate;
	log?: Log;
}

const maxDrawnSidePx = 512;
/** Half of such a picture takes OpenCV 7 s and 540 MB. */
const maxFilledPixels = 4096 * 4096;
/** 2048 x 2048 in is 8192 x 8192 out, some 200 MB uncompressed. */
const maxUpscalePixels = 2048 * 2048;

/**
 * Runs steps on this machine's processor with the networks in models/: nothing else needs to be installed.
 * Networks run in a thread of their own, one step at a time; they load at first use.
 */
export async function createLocalEngine(options: LocalEngineOptions): Promise<Engine> {
	const folders = { modelsDir: options.modelsDir, dataModelsDir: options.dataModelsDir ?? null };
	const known = localCapabilities(folders);
	const digest = createDigests();
	const thread = new JobThread({ modelsDir: options.modelsDir }, options.log);

	const runInThread = async (request: StepRequest, context: StepContext) => {
		const capability = known.find((each) => each.capability === `${request.kind}:${request.model}`);
		if (!capability) {
			throw new GlassworksError("model_missing", `The built-in engine has no model "${request.model}" for ${request.kind}.`);
		}
		const job = toJob(request, capability);
		const missing = await missingFiles(capability);
		if (missing.length === 0) return thread.run(job, context);
		const names = missing.map((file) => basename(file));
		throw new GlassworksError("model_missing", `Not installed: ${names.join(", ")}. Run \`glassworks models pull\`.`, { files: names });
	};

	return {
		name: "local",
		slots: 1,
		status: async () => ({
			...{ version: null, device: "this machine's processor", vramTotalBytes: null, vramFreeBytes: null, queued: null },
			...{ loadedModel: null, missing: [] },
		}),
		capabilities: async () => {
			const infos: CapabilityInfo[] = [{ capability: "encode:standard", digest: null }];
			for (const capability of known) {
				if ((await missingFiles(capability)).length > 0) continue;
				const { traits, files } = capability;
				const info = { capability: capability.capability, digest: files.length > 0 ? await digest(capability) : null };
				infos.push(traits ? { ...info, traits } : info);
			}
			return infos;
		},
		run: (request, context) => (request.kind === "encode" ? encode(options.pictures, request, context) : runInThread(request, context)),
		close: () => thread.close(),
	};
}

/** A copy that may be given away to the thread. */
function bytesOf(picture: Picture): Uint8Array {
	return new Uint8Array(picture.bytes);
}

function drawParams(request: StepRequest): StepParams<"generate"> {
	const params = readStepParams("generate", request);
	for (const asked of [params.widthPx, params.heightPx]) {
		if (asked >= glyphSidePx && asked <= maxDrawnSidePx) continue;
		const message = `The built-in model draws ${glyphSidePx} to ${maxDrawnSidePx} px per side; asked for ${asked}.`;
		throw new GlassworksError("engine_invalid", message, { min: glyphSidePx, max: maxDrawnSidePx, asked });
	}
	chooseStyle(params.style, params.prompt, params.seed);
	return params;
}

function toInpaintJob(request: StepRequest, { operations = [] }: Partial<Traits>): Job {
	const { operation } = readStepParams("inpaint", request);
	if (!operations.includes(operation)) {
		throw new GlassworksError("engine_invalid", `${request.model} can ${operations.join(" and ")}; asked to ${operation}.`);
	}
	const { image, mask } = readImageAndMask(request);
	if (request.model === "telea") return toTeleaJob(image, mask);
	if (request.model === "mirror") return { kind: "mirror", image: bytesOf(image), mask: bytesOf(mask) };
	return {
		kind: "inpaint",
		params: { ...readStepParams("inpaint", request), ...drawParams(request) },
		image: bytesOf(image),
		mask: bytesOf(mask),
	};
}

function toTeleaJob(image: Picture, mask: Picture): Job {
	const asked = image.widthPx * image.heightPx;
	if (asked <= maxFilledPixels) return { kind: "telea", image: bytesOf(image), mask: bytesOf(mask) };
	const message = `Pictures up to ${maxFilledPixels} pixels are filled; this one has ${asked}.`;
	throw new GlassworksError("engine_invalid", message, { max: maxFilledPixels, asked });
}

function toUpscaleJob(request: StepRequest, file: string): Job {
	readStepParams("upscale", request);
	const image = readStepPicture(request, "image");
	const asked = image.widthPx * image.heightPx;
	if (asked <= maxUpscalePixels) return { kind: "upscale", file, image: bytesOf(image) };
	const message = `Pictures up to ${maxUpscalePixels} pixels are enlarged ${upscaleFactor} times; this one has ${asked}.`;
	throw new GlassworksError("engine_invalid", message, { max: maxUpscalePixels, asked });
}

/** Checks the request and takes from it what the thread needs. @throws {GlassworksError} `engine_invalid` */
function toJob(request: StepRequest, { files, traits, takesFidelity }: LocalCapability): Job {
	const { kind, inputs } = request;
	switch (kind) {
		case "generate":
			return { kind, params: drawParams(request), image: inputs.image ? bytesOf(inputs.image) : null };
		case "inpaint":
			return toInpaintJob(request, traits ?? {});
		case "upscale":
			return toUpscaleJob(request, files[0] ?? "");
		case "detect_faces":
			readStepParams("detect_faces", request);
			return { kind, image: bytesOf(readStepPicture(request, "image")) };
		case "restore_faces":
			return {
				...{ kind, file: files[0] ?? "", takesFidelity: takesFidelity ?? false },
				...{ params: readStepParams("restore_faces", request), image: bytesOf(readStepPicture(request, "image")) },
			};
		case "composite":
			return {
				...{ kind, params: readStepParams("composite", request), image: bytesOf(readStepPicture(request, "image")) },
				...{ original: bytesOf(readStepPicture(request, "original")), mask: bytesOf(readStepPicture(request, "mask")) },
			};
		case "resize":
			return { kind, params: readStepParams("resize", request), image: bytesOf(readStepPicture(request, "image")) };
		case "graph":
		case "encode":
		case "send_email":
		case "train_lora":
			throw new Error(`${kind} does not run in the thread`);
	}
}

/** The finished picture: no metadata but the recipe, under the key `glassworks`. */
async function encode(pictures: PictureGate, request: StepRequest, { signal, onProgress }: StepContext): Promise<StepOutput> {
	if (request.model !== "standard") {
		throw new GlassworksError("model_missing", `The built-in engine has no model "${request.model}" for encode.`);
	}
	const { format, quality, recipe } = readStepParams("encode", request);
	const { bytes } = readStepPicture(request, "image");
	if (signal.aborted) throw stepCancelled();
	const text = recipe ? { text: { glassworks: JSON.stringify(recipe) } } : {};
	const image = await pictures.encode(bytes, { format, quality, ...text });
	if (signal.aborted) throw stepCancelled();
	onProgress({ fraction: 1 });
	return { pictures: { image }, data: { format: image.mediaType } };
}
