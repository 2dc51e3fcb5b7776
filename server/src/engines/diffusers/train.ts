import { admitMade } from "../../domain/engines/admitMade.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Picture, PictureGate, StepContext, StepOutput } from "../../domain/ports.ts";
import type { SidecarClient, SidecarOutput } from "./client.ts";

/** What the sidecar may hand us as a picture. */
export const madeLimits = { maxBytes: 256 * 1024 * 1024, maxPixels: 8192 * 8192 };

/** Losses that are kept of a training, evenly taken. */
const mostLosses = 200;

interface TrainingRun {
	client: SidecarClient;
	pictures: PictureGate;
	/** As toJob makes it. */
	job: JsonObject;
	context: StepContext;
	signal: AbortSignal;
}

/** Trains to the LoRA's file, in kohya's layout, which most programs read. @throws {GlassworksError} what an engine throws */
export async function train({ client, pictures, job, context, signal }: TrainingRun): Promise<StepOutput> {
	const losses: { step: number; loss: number }[] = [];
	let loss: number | undefined;
	const watch = {
		onLoss(said: { step: number; loss: number }) {
			losses.push(said);
			loss = said.loss;
		},
		onProgress: ({ fraction, step, steps }: { fraction: number; step: number; steps: number }) =>
			context.onProgress({ fraction, step, steps, ...(loss === undefined ? {} : { loss }) }),
	};
	const { outputs, facts } = await client.runNamed(String(job.run), job, watch, signal);
	const file = outputs.find(({ role }) => role === "lora_kohya");
	if (!file) throw new GlassworksError("internal", "The diffusers sidecar ended a training without a LoRA.");
	const samples = latestFirst(outputs);
	const broken = new GlassworksError("engine_down", "The diffusers sidecar answered with something that is no picture.");
	const admitted: Record<string, Picture> = {};
	for (const [at, { content }] of samples.entries())
		admitted[`sample_${at}`] = await admitMade(pictures, { bytes: content, limits: madeLimits, signal, broken });
	const told = samples.map(({ step, prompt }) => ({ step, prompt }));
	return { pictures: admitted, files: { lora: file.content }, data: { ...facts, samples: told, losses: thinned(losses) } };
}

interface Sample {
	/** After which training step it was drawn. */
	step: number;
	/** Which of the prompts. */
	prompt: number;
	content: Uint8Array;
}

function latestFirst(outputs: readonly SidecarOutput[]): Sample[] {
	const samples = outputs.flatMap(({ role, name, content }): Sample[] => {
		const [, step, prompt] = /^sample-(\d+)-(\d+)\.png$/.exec(name) ?? [];
		return role === "sample" ? [{ step: Number(step), prompt: Number(prompt), content }] : [];
	});
	return samples.sort((a, b) => b.step - a.step || a.prompt - b.prompt);
}

/** The last is always among them. */
function thinned<T>(values: readonly T[]): T[] {
	const every = Math.ceil(values.length / mostLosses);
	return values.filter((_, at) => (values.length - 1 - at) % every === 0);
}
