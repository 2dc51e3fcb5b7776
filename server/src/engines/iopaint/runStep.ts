import type { ModelRegistry } from "../../domain/engines/registry.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Log, PictureGate, StepContext, StepOutput, StepRequest } from "../../domain/ports.ts";
import { readStepParams, readStepPicture } from "../../domain/workflows/readStepParams.ts";
import { buildInpaintJob } from "./inpaintBody.ts";
import { facePluginOf, listOffers, type Use, upscalePlugin, upscalerOf } from "./offers.ts";
import { admitResult, encodeImage } from "./pictures.ts";
import type { ProgressOptions } from "./progress.ts";
import { type Memory, runInpaint } from "./runInpaint.ts";
import type { Server } from "./server.ts";
import type { ServerConfig } from "./serverConfig.ts";

/** What GFPGAN and RestoreFormer are run with there, whatever is asked. */
const pluginFidelity = 0.5;

export interface RunPorts {
	server: Server;
	config: ServerConfig;
	registry: ModelRegistry;
	/** As it is known now: a failed request may change it. */
	use(): Use;
	memory: Memory;
	pictures: PictureGate;
	log: Log;
	progress: ProgressOptions;
}

/** One step, by whoever has the turn. @throws {GlassworksError} */
export async function runStep(request: StepRequest, ports: RunPorts, context: StepContext): Promise<StepOutput> {
	switch (request.kind) {
		case "inpaint":
			return inpaint(request, ports, context);
		case "upscale":
			return upscale(request, ports, context);
		case "restore_faces":
			return restoreFaces(request, ports, context);
		default:
			throw absent(request);
	}
}

function absent({ kind, model }: StepRequest): GlassworksError {
	return new GlassworksError("model_missing", `IOPaint has no model "${model}" for ${kind}.`);
}

async function inpaint(request: StepRequest, ports: RunPorts, context: StepContext): Promise<StepOutput> {
	const { job, answer } = await runWithOrWithoutPowerPaint(request, ports, context);
	const data: JsonObject = { unused: job.unused };
	if (job.powerPaint) data.powerPaint = job.body.powerpaint_task ?? null;
	const seed = Number(answer.headers["x-seed"]);
	if (Number.isSafeInteger(seed)) data.seed = seed;
	return { pictures: { image: await admitResult(ports.pictures, answer.bytes, job.image, context.signal) }, data };
}

/** Whether PowerPaint's files are there shows only when it is asked for. What can be done without it is then done without. */
async function runWithOrWithoutPowerPaint(request: StepRequest, ports: RunPorts, context: StepContext) {
	const build = async () => {
		const offer = listOffers(ports.config, ports.registry, ports.use()).find(({ name }) => name === request.model);
		if (!offer) throw absent(request);
		return buildInpaintJob(request, offer, ports.config);
	};
	const job = await build();
	try {
		return { job, answer: await runInpaint(job, ports, context) };
	} catch (error) {
		if (!job.powerPaint || !ports.memory.powerPaintMissing) throw error;
		const without = await build().catch(() => {
			throw error;
		});
		return { job: without, answer: await runInpaint(without, ports, context) };
	}
}

async function upscale(
	request: StepRequest,
	{ server, config, registry, pictures }: RunPorts,
	{ signal }: StepContext,
): Promise<StepOutput> {
	if (upscalerOf(config, registry) !== request.model) throw absent(request);
	const { factor } = readStepParams("upscale", request);
	const image = readStepPicture(request, "image");
	const { bytes } = await server.runPlugin({ name: upscalePlugin, image: await encodeImage(image), scale: factor });
	const size = { widthPx: image.widthPx * factor, heightPx: image.heightPx * factor };
	return { pictures: { image: await admitResult(pictures, bytes, size, signal) }, data: {} };
}

/** IOPaint finds the faces itself and takes no fidelity: what was asked for instead is told as `unused`. */
async function restoreFaces(request: StepRequest, { server, config, pictures }: RunPorts, { signal }: StepContext): Promise<StepOutput> {
	const plugin = facePluginOf(config, request.model);
	if (plugin === null) throw absent(request);
	const { fidelity } = readStepParams("restore_faces", request);
	const image = readStepPicture(request, "image");
	const { bytes } = await server.runPlugin({ name: plugin, image: await encodeImage(image) });
	const unused = ["faces", ...(fidelity === pluginFidelity ? [] : ["fidelity"])];
	return {
		pictures: { image: await admitResult(pictures, bytes, image, signal) },
		data: { fidelity: pluginFidelity, unused },
	};
}
