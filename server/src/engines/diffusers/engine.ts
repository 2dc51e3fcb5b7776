import { admitMade } from "../../domain/engines/admitMade.ts";
import { emptyRegistry, type ModelRegistry } from "../../domain/engines/registry.ts";
import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { Engine, PictureGate, StepContext, StepRequest } from "../../domain/ports.ts";
import { createSidecarClient, type SidecarClient, type SidecarTimings, usualTimings } from "./client.ts";
import type { JobWatch } from "./followJob.ts";
import { findModel, listMissing } from "./matches.ts";
import { listCapabilities } from "./offers.ts";
import { toJob } from "./toJob.ts";
import { madeLimits, train } from "./train.ts";

export interface DiffusersEngineOptions {
	url: string;
	/** Sent with every request: `authorization: Bearer <token>` where the sidecar asks for one. */
	headers?: Record<string, string>;
	/** Reads what the sidecar drew. */
	pictures: PictureGate;
	timings?: Partial<SidecarTimings>;
}

/** Runs generate and inpaint, and trains LoRAs, on the diffusers sidecar (sidecars/diffusers): Stable Diffusion 1.5, XL and Flux, ControlNets and LoRAs. */
export function createDiffusersEngine(options: DiffusersEngineOptions): Engine {
	const { url, headers = {}, pictures } = options;
	const client = createSidecarClient(url, headers, { ...usualTimings, ...options.timings });
	const closing = new AbortController();
	let registry: ModelRegistry = emptyRegistry;

	return {
		name: "diffusers",
		slots: 1,
		learn(names) {
			registry = names;
		},
		capabilities: async () => listCapabilities(await client.capabilities(), registry),
		async status() {
			const capabilities = await client.capabilities();
			const { version, device, loaded, running } = capabilities;
			const held = registry.models.find((model) => loaded !== null && findModel(capabilities, model)?.name === loaded);
			return {
				version,
				device: device.name,
				vramTotalBytes: device.kind === "cpu" ? null : device.memoryTotalBytes,
				vramFreeBytes: device.kind === "cpu" ? null : device.memoryFreeBytes,
				queued: running === null ? 0 : 1,
				loadedModel: held?.name ?? null,
				missing: listMissing(capabilities, registry),
			};
		},
		async run(request, context) {
			if (context.signal.aborted) throw stepCancelled();
			const job = toJob(request, await client.capabilities(), registry);
			const signal = AbortSignal.any([context.signal, closing.signal]);
			const unlessClosing = (error: unknown): never => {
				if (closing.signal.aborted) throw new GlassworksError("engine_down", "The worker is stopping.");
				throw error;
			};
			if (request.kind === "train_lora") return train({ client, pictures, job, context, signal }).catch(unlessClosing);
			await giveLoras(client, request, signal);
			const { outputs, facts } = await client.run(job, watchFor(context), signal).catch(unlessClosing);
			const drawn = outputs.find(({ role }) => role === "image");
			if (!drawn) throw new GlassworksError("internal", "The diffusers sidecar ended without a picture.");
			const broken = new GlassworksError("engine_down", "The diffusers sidecar answered with something that is no picture.");
			const image = await admitMade(pictures, { bytes: drawn.content, limits: madeLimits, signal, broken });
			if (context.signal.aborted) throw stepCancelled();
			context.onProgress({ fraction: 1 });
			return { pictures: { image }, data: facts };
		},
		async close() {
			closing.abort();
		},
	};
}

/** Of LoRAs that the step's tenant trained, the sidecar may not have the files yet. */
async function giveLoras(client: SidecarClient, { params, files = {} }: StepRequest, signal: AbortSignal): Promise<void> {
	for (const [at, { digest }] of ((params.loras ?? []) as { digest?: string | null }[]).entries()) {
		const read = files[`lora_${at}`];
		if (digest && read) await client.giveLora(digest, read, signal);
	}
}

function watchFor(context: StepContext): JobWatch {
	return {
		onProgress: ({ fraction, step, steps }) => context.onProgress({ fraction, step, steps }),
		onPreview: ({ image, mediaType, widthPx, heightPx }) =>
			context.onPreview({ bytes: Buffer.from(image, "base64"), mediaType, widthPx, heightPx }),
	};
}
