import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { GlassworksError, stepCancelled } from "../../../domain/errors.ts";
import type { Log, StepContext, StepOutput } from "../../../domain/ports.ts";
import type { FromThread, Job, PlainError, ThreadData, ToThread } from "./messages.ts";

interface Entry {
	readonly id: number;
	readonly job: Job;
	readonly context: StepContext;
	readonly resolve: (output: StepOutput) => void;
	readonly reject: (error: GlassworksError) => void;
	readonly onAbort: () => void;
}

/** Built code runs `.js`, sources run `.ts`. */
const entryFile = import.meta.url.endsWith(".ts") ? new URL("./thread.ts", import.meta.url) : new URL("./thread.js", import.meta.url);

const stopping = () => new GlassworksError("engine_down", "The built-in engine is stopping.");
const died = () => new GlassworksError("engine_down", "The thread of the built-in engine stopped.");

/** The job's bytes, which move to the thread instead of being copied. */
function buffersOf(job: Job): ArrayBuffer[] {
	const pictures = Object.values(job).filter((value) => value instanceof Uint8Array);
	return pictures.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}

/** Runs jobs in a thread of their own, one after another. The thread starts with the first job, and anew with the next one after it died. */
export class JobThread {
	readonly #data: ThreadData;
	readonly #log: Log | undefined;
	#worker: Worker | null = null;
	#current: Entry | null = null;
	#waiting: Entry[] = [];
	#nextId = 1;
	#closed = false;

	constructor(data: ThreadData, log?: Log) {
		this.#data = data;
		this.#log = log;
	}

	/**
	 * Takes the job's bytes away from the caller. Settles once the thread is done with the job, also after an abort.
	 * @throws {GlassworksError} what the job throws; `cancelled`; `engine_down` or `out_of_memory` when the thread dies
	 */
	run(job: Job, context: StepContext): Promise<StepOutput> {
		if (this.#closed) return Promise.reject(stopping());
		if (context.signal.aborted) return Promise.reject(stepCancelled());
		return new Promise((resolve, reject) => {
			const id = this.#nextId++;
			const entry: Entry = { id, job, context, resolve, reject, onAbort: () => this.#abort(id) };
			context.signal.addEventListener("abort", entry.onAbort, { once: true });
			this.#waiting.push(entry);
			this.#startNext();
		});
	}

	/**
	 * Fails what runs and what waits with `engine_down`, and resolves when the thread has ended: after the network it is in.
	 * A thread must not be ended inside a network: the runtime would take the whole process down.
	 */
	async close(): Promise<void> {
		this.#closed = true;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const entry of waiting) this.#settle(entry, () => entry.reject(stopping()));
		const worker = this.#worker;
		if (!worker) return;
		const ended = once(worker, "exit");
		if (this.#current) this.#post(worker, { type: "abort", id: this.#current.id });
		this.#finish((entry) => entry.reject(stopping()));
		worker.ref();
		this.#post(worker, { type: "close" });
		await ended;
	}

	#startNext(): void {
		if (this.#current) return;
		const entry = this.#waiting.shift();
		if (!entry) {
			// An idle thread must not keep a program alive that has nothing else to do.
			this.#worker?.unref();
			return;
		}
		this.#current = entry;
		this.#worker ??= this.#startWorker();
		this.#worker.ref();
		this.#post(this.#worker, { type: "run", id: entry.id, job: entry.job }, buffersOf(entry.job));
	}

	#startWorker(): Worker {
		const worker = new Worker(entryFile, { workerData: this.#data });
		const onEnd = (error: GlassworksError) => {
			if (this.#worker !== worker) return;
			this.#worker = null;
			this.#finish((entry) => entry.reject(error));
		};
		worker.on("message", (message: FromThread) => this.#receive(message));
		worker.on("error", (cause: NodeJS.ErrnoException) => {
			this.#log?.error({ reason: cause.message }, "the thread of the built-in engine failed");
			const full = cause.code === "ERR_WORKER_OUT_OF_MEMORY";
			onEnd(full ? new GlassworksError("out_of_memory", "The built-in engine ran out of memory.") : died());
		});
		worker.on("exit", () => onEnd(died()));
		return worker;
	}

	#receive(message: FromThread): void {
		const entry = this.#current;
		if (entry?.id !== message.id) return;
		if (message.type === "progress") entry.context.onProgress(message.progress);
		else if (message.type === "preview") entry.context.onPreview(message.preview);
		else if (message.type === "done") this.#finish(() => entry.resolve(message.output));
		else this.#finish(() => entry.reject(this.#toError(message.error)));
	}

	/** What failed by our mistake is logged here and told to nobody else. */
	#toError({ code, message, data, fields }: PlainError): GlassworksError {
		if (code !== "internal") return new GlassworksError(code, message, data, fields);
		this.#log?.error({ reason: data.reason ?? null }, "the built-in engine failed");
		return new GlassworksError("internal", message);
	}

	#finish(end: (entry: Entry) => void): void {
		const entry = this.#current;
		this.#current = null;
		if (entry) this.#settle(entry, () => end(entry));
		this.#startNext();
	}

	#settle(entry: Entry, end: () => void): void {
		entry.context.signal.removeEventListener("abort", entry.onAbort);
		end();
	}

	#abort(id: number): void {
		if (this.#current?.id === id && this.#worker) this.#post(this.#worker, { type: "abort", id });
		const entry = this.#waiting.find((other) => other.id === id);
		if (!entry) return;
		this.#waiting = this.#waiting.filter((other) => other !== entry);
		entry.reject(stepCancelled());
	}

	#post(worker: Worker, message: ToThread, moved: ArrayBuffer[] = []): void {
		worker.postMessage(message, moved);
	}
}
