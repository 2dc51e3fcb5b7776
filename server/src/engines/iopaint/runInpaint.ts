import { GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { Log, StepContext } from "../../domain/ports.ts";
import type { InpaintJob } from "./inpaintBody.ts";
import { type ProgressOptions, watchSteps } from "./progress.ts";
import type { Server } from "./server.ts";
import type { ServerConfig } from "./serverConfig.ts";
import type { Answer } from "./wire.ts";

/** What was learnt of the server while it ran for us. Forgotten when this process ends. */
export interface Memory {
	/** Its answer was that PowerPaint's files are missing. */
	powerPaintMissing: boolean;
	/** The same for a ControlNet. Only IOPaint's restart cures it. */
	controlNetMissing: boolean;
	/** No failed PowerPaint request lies between us and the next one. */
	powerPaintSure: boolean;
}

export interface InpaintPorts {
	server: Server;
	config: ServerConfig;
	memory: Memory;
	log: Log;
	progress: ProgressOptions;
}

type Good = Extract<Answer, { ok: true }>;

/** Sends one inpaint job, with progress where IOPaint tells it. */
export async function runInpaint(job: InpaintJob, ports: InpaintPorts, context: StepContext): Promise<Good> {
	const { server, config, memory } = ports;
	const model = job.offer.info.name;
	await server.load(model, config);
	// Not later: what follows a request that failed must be sent.
	if (context.signal.aborted) throw stepCancelled();
	// After a failed PowerPaint request IOPaint answers the next one with an ordinary picture and 200.
	if (job.powerPaint && !memory.powerPaintSure) await server.forgetPowerPaint();
	const stop = job.steps > 0 ? watchSteps(ports.progress, (step) => report(step, job.steps, context)) : () => {};
	try {
		const answer = await server.inpaint(model, job.body, config);
		if (job.powerPaint) memory.powerPaintSure = true;
		return answer;
	} catch (error) {
		await afterFailure(error, job, ports);
		throw error;
	} finally {
		stop();
	}
}

function report(done: number, steps: number, { signal, onProgress }: StepContext): void {
	const step = Math.min(done, steps);
	if (!signal.aborted) onProgress({ fraction: step / steps, step, steps });
}

async function afterFailure(error: unknown, job: InpaintJob, { server, memory, log }: InpaintPorts): Promise<void> {
	const missing = error instanceof GlassworksError && error.code === "model_missing";
	if (job.controlNet && missing) {
		memory.controlNetMissing = true;
		log.error({ model: job.offer.name }, "iopaint lacks a ControlNet's files; install them and start iopaint again");
	}
	if (!job.powerPaint) return;
	memory.powerPaintSure = false;
	if (!missing) return;
	memory.powerPaintMissing = true;
	log.warn({ model: job.offer.name }, "iopaint lacks PowerPaint's files; it is not asked for them again");
	await server.forgetPowerPaint().catch((err: unknown) => log.warn({ err }, "iopaint could not be brought back from PowerPaint"));
}
