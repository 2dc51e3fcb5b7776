import { GlassworksError } from "../domain/errors.ts";
import type { TaskSource, Work, WorkOutcome } from "../domain/jobs/taskSource.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Capability, Log, Picture, StepOutput, StepRequest } from "../domain/ports.ts";
import type { Capabilities, Runner } from "./capabilities.ts";
import { describeFailure, isDismissed, isLeaseLost } from "./failure.ts";
import { pause } from "./pause.ts";
import { persist } from "./persist.ts";
import { type Reports, throttleReports } from "./reports.ts";

export interface TaskPorts {
	source: TaskSource;
	capabilities: Capabilities;
	log: Log;
	leaseMs: number;
	heartbeatMs: number;
	/** A step that runs longer than this fails with `timeout`. */
	stepTimeoutMs: number;
	/** An engine that ignores a stop for this long is left to itself. */
	abandonMs: number;
	/** The worker was revoked. */
	onDismissed(error: GlassworksError): void;
	/** An engine was not reached: what the worker can run may have changed. Its slot is free once this ends. Never rejects. */
	onEngineDown(): Promise<void>;
}

/** A picture that was made is offered for at least this long to a storage that is away: making it again takes longer. */
const storageAwayMs = 180_000;

/** Hours of training are usual; a day is not. */
const longestTrainingMs = 24 * 3_600_000;

/** Why a step stops early. `lost`: cancelled or given to another, nothing may be written. `shutdown`: given back. */
type StopReason = "lost" | "shutdown" | "timeout";

/** A step being run. `ended` never rejects. */
export interface RunningTask {
	work: Work;
	ended: Promise<void>;
	/** Gives the task back unharmed. */
	release(): void;
	/** Asks the server whether the task is still ours, and stops at once when not. */
	check(): void;
}

/** Runs one claimed step to its end: inputs, engine, outputs, outcome. */
export function runTask(work: Work, ports: TaskPorts): RunningTask {
	const stop = new AbortController();
	const halt = (reason: StopReason) => {
		if (reason === "lost") reports.drop();
		if (!stop.signal.aborted) stop.abort(reason);
	};
	const reports = throttleReports({
		heartbeatMs: ports.heartbeatMs,
		sendProgress: (progress) => ports.source.progress(work.lease, progress),
		sendPreview: (preview) => ports.source.preview(work.lease, preview),
		onFailure(error) {
			if (isLeaseLost(error)) return halt("lost");
			if (isDismissed(error)) return ports.onDismissed(error);
			ports.log.warn({ taskId: work.lease.taskId, err: error }, "progress not reported");
		},
	});
	return { work, ended: runToEnd(work, ports, reports, stop.signal, halt), release: () => halt("shutdown"), check: () => reports.beat() };
}

async function runToEnd(
	work: Work,
	ports: TaskPorts,
	reports: Reports,
	signal: AbortSignal,
	halt: (reason: StopReason) => void,
): Promise<void> {
	const { taskId, attempt } = work.lease;
	const facts = { taskId, attempt, step: work.kind, model: work.model };
	const startedAt = performance.now();
	const limitMs = work.kind === "train_lora" ? Math.max(longestTrainingMs, ports.stepTimeoutMs) : ports.stepTimeoutMs;
	const deadline = setTimeout(() => halt("timeout"), limitMs);
	let outcome: WorkOutcome | null;
	try {
		outcome = await attemptStep(work, ports, reports, signal, startedAt);
		ports.log.info({ ...facts, ms: elapsedMs(startedAt) }, "step finished");
	} catch (error) {
		outcome = outcomeOf(error, signal, limitMs);
		if (outcome?.kind === "failed") ports.log.warn({ ...facts, ms: elapsedMs(startedAt), err: error }, "step failed");
		else ports.log.info({ ...facts, reason: signal.reason ?? "lost" }, "step stopped");
	} finally {
		clearTimeout(deadline);
	}
	try {
		if (outcome) await tell(work, ports, outcome);
	} catch (error) {
		ports.log[isLeaseLost(error) ? "info" : "error"]({ ...facts, err: error }, "outcome not taken");
	} finally {
		reports.drop();
	}
	if (outcome?.kind === "failed" && outcome.failure.code === "engine_down") await ports.onEngineDown();
}

/** Runs the engine and stores what it made. Throws on failure and when stopped. */
async function attemptStep(work: Work, ports: TaskPorts, reports: Reports, signal: AbortSignal, startedAt: number): Promise<WorkOutcome> {
	const capability: Capability = `${work.kind}:${work.model}`;
	const runner = ports.capabilities.take(capability);
	if (!runner) throw new GlassworksError("engine_down", `The worker no longer has ${capability}.`);
	let output: StepOutput;
	try {
		const inputs = await readInputs(work, ports, signal);
		signal.throwIfAborted();
		output = await runEngine(work, inputs, runner, ports, reports, signal);
	} finally {
		runner.done();
	}
	const ms = elapsedMs(startedAt);
	for (const [role, picture] of Object.entries(output.pictures)) {
		throwIfLost(signal);
		await persist(() => ports.source.writeOutput(work.lease, role, picture), Math.max(ports.leaseMs, storageAwayMs));
	}
	for (const [role, bytes] of Object.entries(output.files ?? {})) {
		throwIfLost(signal);
		await persist(() => ports.source.writeFile(work.lease, role, bytes), Math.max(ports.leaseMs, storageAwayMs));
	}
	throwIfLost(signal);
	await reports.finish();
	throwIfLost(signal);
	const data: JsonObject = { ...output.data, engine: runner.engine.name, model_digest: output.data.model_digest ?? runner.digest, ms };
	return { kind: "succeeded", data, ms };
}

/** What an engine finished in spite of a shutdown or its deadline is kept. */
function throwIfLost(signal: AbortSignal): void {
	if (signal.reason === "lost") signal.throwIfAborted();
}

async function readInputs(work: Work, ports: TaskPorts, signal: AbortSignal): Promise<Record<string, Picture>> {
	const read = async (role: string) => [role, await persist(() => ports.source.readInput(work, role), ports.leaseMs, signal)] as const;
	return Object.fromEntries(await Promise.all(work.inputRoles.map(read)));
}

/** Files are large and often already where the engine needs them. */
function lazyFiles(work: Work, ports: TaskPorts, signal: AbortSignal): Pick<StepRequest, "files"> {
	if (work.fileRoles.length === 0) return {};
	const read = (role: string) => () => persist(() => ports.source.readFile(work, role), ports.leaseMs, signal);
	return { files: Object.fromEntries(work.fileRoles.map((role) => [role, read(role)])) };
}

/** An engine that does not stop when told is left behind, so that its slot serves others again. */
async function runEngine(
	work: Work,
	inputs: Record<string, Picture>,
	{ engine }: Runner,
	ports: TaskPorts,
	reports: Reports,
	signal: AbortSignal,
): Promise<StepOutput> {
	const finished = new AbortController();
	const run = engine.run(
		{ kind: work.kind, model: work.model, params: work.params, inputs, ...lazyFiles(work, ports, signal) },
		{ signal, onProgress: reports.onProgress, onPreview: reports.onPreview },
	);
	const abandoned = new Promise<never>((_, reject) => {
		const onAbort = async () => {
			await pause(ports.abandonMs, finished.signal);
			if (!finished.signal.aborted)
				ports.log.error({ engine: engine.name, taskId: work.lease.taskId }, "engine does not stop; left to itself");
			reject(signal.reason);
		};
		signal.addEventListener("abort", onAbort, { once: true });
	});
	try {
		return await Promise.race([run, abandoned]);
	} finally {
		finished.abort();
		// Whichever lost the race may still reject.
		abandoned.catch(() => {});
		run.catch(() => {});
	}
}

/** What to tell the server about a step that did not succeed; null: nothing. */
function outcomeOf(error: unknown, signal: AbortSignal, limitMs: number): WorkOutcome | null {
	const reason: StopReason | undefined = signal.aborted ? signal.reason : undefined;
	if (reason === "lost" || isLeaseLost(error)) return null;
	if (reason === "shutdown") return { kind: "released" };
	if (reason === "timeout")
		return describeFailure(new GlassworksError("timeout", `The step ran longer than ${Math.round(limitMs / 1_000)} s.`));
	return describeFailure(error);
}

/** A worker that leaves gives its task back quickly or lets the lease lapse. */
async function tell(work: Work, ports: TaskPorts, outcome: WorkOutcome): Promise<void> {
	const forMs = outcome.kind === "released" ? Math.min(2_000, ports.leaseMs) : ports.leaseMs;
	await persist(() => ports.source.finish(work.lease, outcome), forMs);
}

function elapsedMs(startedAt: number): number {
	return Math.round(performance.now() - startedAt);
}
