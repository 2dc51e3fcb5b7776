/** Entry of the worker thread in which every network runs, so that the server's event loop never waits for one. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { GlassworksError } from "../../../domain/errors.ts";
import type { StepContext, StepOutput } from "../../../domain/ports.ts";
import type { FromThread, Job, PlainError, ThreadData, ToThread } from "./messages.ts";
import { createJobRunner } from "./runJob.ts";

function toPlainError(cause: unknown): PlainError {
	if (cause instanceof GlassworksError) return { code: cause.code, message: cause.message, data: cause.data, fields: cause.fields };
	if (cause instanceof RangeError && /allocation/i.test(cause.message)) {
		return { code: "out_of_memory", message: "There was not enough memory for a picture of this size.", data: {}, fields: [] };
	}
	const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
	return { code: "internal", message: "The built-in engine failed.", data: { reason }, fields: [] };
}

/** Their bytes move to the other thread instead of being copied. */
function buffersOf(output: StepOutput): ArrayBuffer[] {
	return Object.values(output.pictures).flatMap(({ bytes }) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
}

function serve(port: MessagePort, { modelsDir }: ThreadData): void {
	const runJob = createJobRunner(modelsDir);
	const controllers = new Map<number, AbortController>();
	const send = (message: FromThread, moved: ArrayBuffer[] = []) => port.postMessage(message, moved);

	const start = async (id: number, job: Job) => {
		const controller = new AbortController();
		controllers.set(id, controller);
		const context: StepContext = {
			signal: controller.signal,
			onProgress: (progress) => send({ type: "progress", id, progress }),
			onPreview: (preview) => send({ type: "preview", id, preview }),
		};
		try {
			const output = await runJob(job, context);
			send({ type: "done", id, output }, buffersOf(output));
		} catch (cause) {
			send({ type: "failed", id, error: toPlainError(cause) });
		} finally {
			controllers.delete(id);
		}
	};

	port.on("message", (message: ToThread) => {
		if (message.type === "run") void start(message.id, message.job);
		else if (message.type === "abort") controllers.get(message.id)?.abort();
		else port.close();
	});
}

if (!parentPort) throw new Error("thread.ts runs in a worker thread");
serve(parentPort, workerData);
