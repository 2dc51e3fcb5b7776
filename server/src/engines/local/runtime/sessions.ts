import { access } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { GlassworksError, stepCancelled } from "../../../domain/errors.ts";
import type { OnnxInput, OnnxOutput, OnnxRun } from "./types.ts";

/**
 * One thread a session: with two on two cores the server's event loop waited 62 ms, with one 8 ms.
 * Without the arena a large picture's memory goes back to the system when it is done.
 */
const options: InferenceSession.SessionOptions = {
	executionMode: "sequential",
	graphOptimizationLevel: "all",
	interOpNumThreads: 1,
	intraOpNumThreads: 1,
	enableCpuMemArena: false,
	logSeverityLevel: 4,
};

/** Networks loaded so far, by file. */
export type Sessions = Map<string, Promise<InferenceSession>>;

/** What the runtime's own error means for the caller. */
function explain(cause: unknown, file: string, doing: "load" | "run"): GlassworksError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	if (/bad_alloc|bad allocation|failed to allocate|out of memory/i.test(reason)) {
		return new GlassworksError("out_of_memory", `There was not enough memory to ${doing} ${basename(file)}.`);
	}
	const message = `${basename(file)} could not be ${doing === "load" ? "loaded" : "run"}: run \`glassworks models verify\`.`;
	return new GlassworksError("model_missing", message, { file: basename(file), cause: reason.slice(0, 300) });
}

async function load(file: string): Promise<InferenceSession> {
	const absent = await access(file).then(
		() => false,
		() => true,
	);
	if (absent) {
		const message = `${basename(file)} is not installed: run \`glassworks models pull\`.`;
		throw new GlassworksError("model_missing", message, { file: basename(file) });
	}
	return InferenceSession.create(file, options).catch((cause: unknown) => {
		throw explain(cause, file, "load");
	});
}

function session(sessions: Sessions, file: string): Promise<InferenceSession> {
	const known = sessions.get(file);
	if (known) return known;
	const loading = load(file);
	sessions.set(file, loading);
	// A file that was absent or damaged may be repaired while the server runs.
	loading.catch(() => sessions.delete(file));
	return loading;
}

function toTensor({ data, dims }: OnnxInput): Tensor {
	return data instanceof Float32Array ? new Tensor("float32", data, dims) : new Tensor("int64", data, dims);
}

function toOutput(tensor: Tensor): OnnxOutput {
	if (!(tensor.data instanceof Float32Array)) throw new Error("the network answers with something other than 32-bit numbers");
	return { data: tensor.data, dims: tensor.dims };
}

/**
 * An `OnnxRun` on these sessions that stops before the next network once `signal` is aborted.
 * @throws {GlassworksError} `cancelled`, `model_missing`, `out_of_memory`
 */
export function onnxRun(sessions: Sessions, signal: AbortSignal): OnnxRun {
	return async (file, feeds) => {
		// Running a network blocks this thread: let the message that aborts be read first.
		await nextTurn();
		if (signal.aborted) throw stepCancelled();
		const network = await session(sessions, file);
		const inputs = Object.fromEntries(Object.entries(feeds).map(([name, input]) => [name, toTensor(input)]));
		try {
			const outputs = await network.run(inputs);
			return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, toOutput(tensor)]));
		} catch (cause) {
			throw explain(cause, file, "run");
		}
	};
}
