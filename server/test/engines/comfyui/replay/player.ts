import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../../../src/domain/json.ts";
import { type RecordedRun, recordedRun } from "./recordedRun.ts";
import { type Posted, type Rewrite, rewriteFor } from "./rewrite.ts";
import { type Step, scriptOf } from "./script.ts";

/** A prompt of the replay, waiting, running or ended: what HTTP knows of it. */
export interface Play {
	readonly posted: Posted;
	readonly number: number;
	readonly run: RecordedRun;
	readonly rewrite: Rewrite;
	state: "waiting" | "running" | "ended";
	wasInterrupted: boolean;
	/** The node that executes, as the socket last said. */
	node: string | null;
}

/** The one worker thread of the server: runs the queue in order, each prompt by its script. */
export interface Player {
	plays(): readonly Play[];
	add(posted: Posted): Play;
	/** Takes a waiting prompt out, without a trace. False: it does not wait. */
	remove(promptId: string): boolean;
	/** Interrupts what runs; with an id, only that. False: nothing was running. */
	interrupt(promptId?: string): boolean;
	forget(promptId: string): void;
	/** Lets a run that holds go on. */
	release(): void;
	/** Forgets everything and runs nothing more. */
	die(): void;
}

export interface PlayerOptions {
	runs: RecordedRun[];
	script(steps: Step[], run: RecordedRun): Step[];
	/** Milliseconds that a recorded second takes. 0: no waiting. */
	msPerSecond: number;
	clockSkewMs: number;
	tell(clientId: string | null, frame: JsonObject | Buffer): void;
	tellAll(frame: JsonObject): void;
	onStep(step: Step): void;
}

const never = new Promise<void>(() => {});

/** How a prompt ends that is interrupted and was not when it was recorded: as one that was. */
const interrupted = recordedRun("07-interrupt", 0);

export function createPlayer(options: PlayerOptions): Player {
	let plays: Play[] = [];
	let accepted = 0;
	let isAlive = true;
	let isBusy = false;
	let wake = () => {};
	let releases = 0;

	const tellQueue = () => {
		const left = plays.filter(({ state }) => state !== "ended").length;
		options.tellAll({ type: "status", data: { status: { exec_info: { queue_remaining: left } } } });
	};

	async function work(): Promise<void> {
		if (isBusy) return;
		isBusy = true;
		for (let next = takeNext(); next && isAlive; next = takeNext()) await perform(next);
		isBusy = false;
	}

	function takeNext(): Play | undefined {
		return plays.filter(({ state }) => state === "waiting").toSorted((a, b) => a.number - b.number)[0];
	}

	async function perform(play: Play): Promise<void> {
		play.state = "running";
		const steps = options.script(scriptOf(play.run), play.run);
		let atMs = 0;
		for (const step of steps) {
			if (step.do === "frame" && options.msPerSecond > 0) {
				await until(sleep(Math.max(0, ((step.frame.atMs - atMs) * options.msPerSecond) / 1000)));
				atMs = Math.max(atMs, step.frame.atMs);
			} else await nextTurn();
			if (!isAlive) return;
			if (play.wasInterrupted && wasNotRecordedInterrupted(play)) return endInterrupted(play);
			await take(play, step);
			if (!isAlive) return;
		}
		// The worker thread is dead, or has yet to be interrupted.
		while (isAlive && play.state === "running") {
			await until(never);
			if (play.wasInterrupted && !isWedged(play)) return endInterrupted(play);
		}
	}

	async function take(play: Play, step: Step): Promise<void> {
		options.onStep(step);
		if (step.do === "frame") return hint(play, step.frame.event ?? step.frame.bytes ?? {});
		if (step.do === "end") play.state = "ended";
		if (step.do === "await_interrupt") while (isAlive && !play.wasInterrupted) await until(never);
		if (step.do === "hold") {
			const before = releases;
			while (isAlive && releases === before && !play.wasInterrupted) await until(never);
		}
	}

	/** Waits for it, or for whatever happens to the run. */
	function until(something: Promise<void>): Promise<void> {
		return Promise.race([
			something,
			new Promise<void>((resolve) => {
				wake = resolve;
			}),
		]);
	}

	function hint(play: Play, frame: JsonObject | Buffer): void {
		const isForAll = !Buffer.isBuffer(frame) && frame.type === "status";
		if (isForAll) options.tellAll(frame);
		else
			options.tell(play.posted.clientId, Buffer.isBuffer(frame) ? rewritePreview(frame, play) : (play.rewrite.json(frame) as JsonObject));
		if (!Buffer.isBuffer(frame) && frame.type === "executing") play.node = ((frame.data as JsonObject).node as string | null) ?? null;
	}

	function endInterrupted(play: Play): void {
		const { json } = rewriteFor(interrupted, play.posted, options.clockSkewMs);
		const tail = interrupted.frames.slice(interrupted.frames.findIndex(({ event }) => event?.type === "execution_interrupted"));
		play.state = "ended";
		for (const { event } of tail)
			if (event && event.type !== "status") options.tell(play.posted.clientId, json(event as never) as JsonObject);
	}

	return {
		plays: () => plays,
		add(posted) {
			const run = options.runs[Math.min(accepted, options.runs.length - 1)] ?? interrupted;
			const rewrite = rewriteFor(run, posted, options.clockSkewMs);
			const play: Play = { posted, number: accepted, run, rewrite, state: "waiting", wasInterrupted: false, node: null };
			accepted += 1;
			plays = [...plays.filter((other) => other.posted.promptId !== posted.promptId || other.state !== "ended"), play];
			tellQueue();
			setImmediate(() => void work());
			return play;
		},
		remove(promptId) {
			const kept = plays.filter((play) => play.state !== "waiting" || play.posted.promptId !== promptId);
			const isRemoved = kept.length < plays.length;
			plays = kept;
			if (isRemoved) tellQueue();
			return isRemoved;
		},
		interrupt(promptId) {
			const running = plays.find((play) => play.state === "running" && (promptId === undefined || play.posted.promptId === promptId));
			if (running) running.wasInterrupted = true;
			wake();
			return running !== undefined;
		},
		forget(promptId) {
			plays = plays.filter((play) => play.state !== "ended" || play.posted.promptId !== promptId);
		},
		release() {
			releases += 1;
			wake();
		},
		die() {
			isAlive = false;
			plays = [];
			wake();
		},
	};
}

function wasNotRecordedInterrupted({ run }: Play): boolean {
	return run.history !== null && !run.frames.some(({ event }) => event?.type === "execution_interrupted");
}

/** Recorded as running for ever, whatever was sent to it. */
function isWedged({ run }: Play): boolean {
	return run.name.startsWith("18-");
}

/** Previews with metadata name their prompt. Ids are of one length, so nothing else moves. */
function rewritePreview(frame: Buffer, { run, posted }: Play): Buffer {
	const at = frame.indexOf(run.promptId);
	if (at === -1) return frame;
	const copy = Buffer.from(frame);
	copy.write(posted.promptId, at);
	return copy;
}

/** What GET /history/{id} says of a prompt that has ended. */
export function historyOf(play: Play, clockSkewMs: number): JsonObject {
	if (!play.wasInterrupted || !wasNotRecordedInterrupted(play)) return play.rewrite.json(play.run.history) as JsonObject;
	return rewriteFor(interrupted, play.posted, clockSkewMs).json(interrupted.history) as JsonObject;
}

/**
 * What GET /api/jobs/{id} says. At the end as it was recorded; where nobody had asked, put together from the history as the server does.
 * Before that, the fields that were recorded of other jobs that waited and ran.
 */
export function jobOf(play: Play, clockSkewMs: number): JsonObject {
	const { posted, number, state } = play;
	const waiting = { id: posted.promptId, priority: number, create_time: clockSkewMs, outputs_count: 0, previewable_outputs_count: 0 };
	if (state !== "ended") return { ...waiting, status: state === "waiting" ? "pending" : "in_progress", outputs: {} };
	if (play.wasInterrupted && wasNotRecordedInterrupted(play))
		return rewriteFor(interrupted, posted, clockSkewMs).json(interrupted.job) as JsonObject;
	if (play.run.job) return play.rewrite.json(play.run.job) as JsonObject;
	const { outputs, status } = historyOf(play, clockSkewMs);
	const { status_str: how, messages } = status as { status_str: string; messages: [string, JsonObject][] };
	const error = messages.find(([type]) => type === "execution_error")?.[1];
	const failed = messages.some(([type]) => type === "execution_interrupted") ? "cancelled" : "failed";
	const job = { ...waiting, outputs: outputs ?? {}, execution_status: status ?? {}, status: how === "success" ? "completed" : failed };
	return error && how !== "success" ? { ...job, execution_error: error } : job;
}
