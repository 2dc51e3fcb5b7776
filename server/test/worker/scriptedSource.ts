import { emptyRegistry } from "../../src/domain/engines/registry.ts";
import { GlassworksError } from "../../src/domain/errors.ts";
import type { TaskSource, Work, WorkOutcome } from "../../src/domain/jobs/taskSource.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Capability, Engine, Log, Picture, StepContext, StepOutput, StepProgress, StepRequest } from "../../src/domain/ports.ts";

export const onePixel: Picture = { bytes: new Uint8Array([1, 2, 3]), mediaType: "image/png", widthPx: 1, heightPx: 1 };

/** A task source in memory whose every call is written down in order, and whose answers a test can change. */
export interface ScriptedSource extends TaskSource {
	calls: string[];
	outcomes: Map<number, WorkOutcome>;
	progressed: StepProgress[];
	/** Hands out a task at the next claim of its pool. */
	offer(taskId: number, options?: { pool?: string; kind?: Work["kind"]; inputRoles?: string[]; params?: JsonObject }): void;
	/** The task is no longer this worker's. */
	takeAway(taskId: number): void;
	/** Calls the stop listeners. */
	announceStop(taskId: number): void;
	/** Thrown by the next calls of a method, one each. */
	failNext: Partial<Record<"hello" | "nodes" | "claim" | "progress" | "readInput" | "writeOutput" | "finish", unknown[]>>;
	/** Resolves once the task has an outcome. */
	outcomeOf(taskId: number): Promise<WorkOutcome>;
}

const noFiles: Pick<TaskSource, "readFile" | "writeFile"> = { readFile: async () => new Uint8Array(), writeFile: async () => {} };

export function createScriptedSource(terms: { pools?: string[]; heartbeatMs?: number; leaseMs?: number } = {}): ScriptedSource {
	const { pools = ["gpu"], heartbeatMs = 50, leaseMs = 2_000 } = terms;
	const line = createLine();
	const lost = new Set<number>();
	const stopListeners = new Set<(taskId: number) => void>();
	const source: ScriptedSource = {
		...noFiles,
		calls: [],
		outcomes: new Map(),
		progressed: [],
		failNext: {},
		offer(taskId, { pool = "gpu", kind = "generate", inputRoles = [], params = {} } = {}) {
			line.add(pool, { lease: { taskId, attempt: 1, workerId: "worker_1" }, kind, model: "tiny", params, inputRoles, fileRoles: [] });
		},
		takeAway: (taskId) => void lost.add(taskId),
		announceStop: (taskId) => stopListeners.forEach((listener) => void listener(taskId)),
		async outcomeOf(taskId) {
			for (;;) {
				const outcome = source.outcomes.get(taskId);
				if (outcome) return outcome;
				await new Promise((resolve) => setTimeout(resolve, 5));
			}
		},
		async hello() {
			note("hello");
			return { workerId: "worker_1", name: "one", pools, leaseMs, heartbeatMs, registry: emptyRegistry, wantsNodes: false };
		},
		publishNodes: async () => note("nodes"),
		async claim({ pool, slots }, signal) {
			note("claim");
			return line.take(pool, slots, signal);
		},
		async progress({ taskId }, progress) {
			note("progress", taskId);
			source.progressed.push(progress);
		},
		preview: async ({ taskId }) => note("preview", taskId),
		async readInput({ lease }, role) {
			note("readInput", lease.taskId, role);
			return onePixel;
		},
		writeOutput: async ({ taskId }, role) => note("writeOutput", taskId, role),
		async finish({ taskId }, outcome) {
			note("finish", taskId, outcome.kind);
			source.outcomes.set(taskId, outcome);
		},
		onStop(listener) {
			stopListeners.add(listener);
			return () => stopListeners.delete(listener);
		},
	};

	function note(method: keyof ScriptedSource["failNext"] | "preview", taskId?: number, detail?: string): void {
		source.calls.push([method, taskId, detail].filter((part) => part !== undefined).join(" "));
		const failure = method === "preview" ? undefined : source.failNext[method]?.shift();
		if (failure) throw failure;
		if (taskId !== undefined && lost.has(taskId)) throw new GlassworksError("lease_lost", "The task was cancelled.");
	}
	return source;
}

/** Tasks in the order they were offered; whoever asks for one waits for it. */
function createLine() {
	const waiting: { pool: string; work: Work }[] = [];
	const wakers = new Set<() => void>();
	const takeNow = (pool: string, slots: number): Work[] => {
		const found = waiting.filter((entry) => entry.pool === pool).slice(0, slots);
		for (const entry of found) waiting.splice(waiting.indexOf(entry), 1);
		return found.map((entry) => entry.work);
	};
	return {
		add(pool: string, work: Work): void {
			waiting.push({ pool, work });
			for (const wake of wakers) wake();
		},
		async take(pool: string, slots: number, signal: AbortSignal): Promise<Work[]> {
			const works = takeNow(pool, slots);
			if (works.length > 0 || signal.aborted) return works;
			await new Promise<void>((resolve) => {
				wakers.add(resolve);
				signal.addEventListener("abort", () => resolve());
			});
			return takeNow(pool, slots);
		},
	};
}

export type RunStep = (request: StepRequest, context: StepContext) => Promise<StepOutput>;

/** An engine of one capability per kind, whose run is the test's. */
export function createEngine(run: RunStep, capabilities: Capability[] = ["generate:tiny", "upscale:tiny"]): Engine {
	return {
		name: "tiny",
		slots: 1,
		status: async () => ({
			version: null,
			device: null,
			vramTotalBytes: null,
			vramFreeBytes: null,
			queued: null,
			loadedModel: null,
			missing: [],
		}),
		capabilities: async () => capabilities.map((capability) => ({ capability, digest: "d1" })),
		run,
		close: async () => {},
	};
}

export const drawn: StepOutput = { pictures: { image: onePixel }, data: { understood_as: "dot" } };

/** Waits for the signal as a good engine does. */
export function untilAborted({ signal }: StepContext): Promise<never> {
	return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new GlassworksError("cancelled", "Stopped."))));
}

/** Keeps what is logged as text. */
export function createMemoryLog(): Log & { lines: string[] } {
	const lines: string[] = [];
	const keep = (level: string) => (data: object, message: string) => {
		const error = "err" in data && data.err instanceof Error ? data.err.message : "";
		lines.push(`${level} ${message} ${error}`);
	};
	return { lines, info: keep("info"), warn: keep("warn"), error: keep("error") };
}
