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

export interface Stage {
	script(steps: Step[], run: RecordedRun): Step[];
	/** Milliseconds that a recorded second takes. 0: no waiting. */
	msPerSecond: number;
	clockSkewMs: number;
	tell(clientId: string | null, frame: JsonObject | Buffer): void;
	tellAll(frame: JsonObject): void;
	onStep(step: Step): void;
	/** False once the server was killed. */
	isAlive(): boolean;
	/** How often the test let runs go on. */
	releases(): number;
	/** Resolves when an interrupt, a release or the server's death may have changed something. */
	stirred(): Promise<void>;
}

/** How a prompt ends that is interrupted and was not when it was recorded: as one that was. */
export const interrupted = recordedRun("07-interrupt", 0);

/** Runs a prompt by its script to its end, or for ever. */
export async function perform(play: Play, stage: Stage): Promise<void> {
	play.state = "running";
	let atMs = 0;
	for (const step of stage.script(scriptOf(play.run), play.run)) {
		if (step.do === "frame" && stage.msPerSecond > 0) {
			await Promise.race([sleep(Math.max(0, ((step.frame.atMs - atMs) * stage.msPerSecond) / 1000)), stage.stirred()]);
			atMs = Math.max(atMs, step.frame.atMs);
		} else await nextTurn();
		if (stage.isAlive() && !endsInterrupted(play)) await take(play, step, stage);
		if (!stage.isAlive()) return;
		if (endsInterrupted(play)) return endInterrupted(play, stage);
	}
	while (stage.isAlive() && play.state === "running") {
		await stage.stirred();
		if (endsInterrupted(play)) endInterrupted(play, stage);
	}
}

async function take(play: Play, step: Step, stage: Stage): Promise<void> {
	const releases = stage.releases();
	stage.onStep(step);
	if (step.do === "frame") hint(play, step.frame.event ?? step.frame.bytes ?? {}, stage);
	if (step.do === "end") play.state = "ended";
	if (step.do === "await_interrupt") while (stage.isAlive() && !play.wasInterrupted) await stage.stirred();
	if (step.do === "hold") while (stage.isAlive() && stage.releases() === releases && !play.wasInterrupted) await stage.stirred();
}

function hint(play: Play, frame: JsonObject | Buffer, { tell, tellAll }: Stage): void {
	const { clientId } = play.posted;
	if (Buffer.isBuffer(frame)) return void tell(clientId, rewritePreview(frame, play));
	if (frame.type === "executing") play.node = ((frame.data as JsonObject).node as string | null) ?? null;
	if (frame.type === "status") tellAll(frame);
	else tell(clientId, play.rewrite.json(frame) as JsonObject);
}

/** Previews with metadata name their prompt. Ids are of one length, so nothing else moves. */
function rewritePreview(frame: Buffer, { run, posted }: Play): Buffer {
	const at = frame.indexOf(run.promptId);
	if (at === -1) return frame;
	const copy = Buffer.from(frame);
	copy.write(posted.promptId, at);
	return copy;
}

function endInterrupted(play: Play, { tell, clockSkewMs }: Stage): void {
	const { json } = rewriteFor(interrupted, play.posted, clockSkewMs);
	const tail = interrupted.frames.slice(interrupted.frames.findIndex(({ event }) => event?.type === "execution_interrupted"));
	play.state = "ended";
	for (const { event } of tail) if (event && event.type !== "status") tell(play.posted.clientId, json({ ...event }) as JsonObject);
}

/** It was interrupted now, and not when it was recorded. A run that was recorded as running for ever (18) does, whatever is sent to it. */
export function endsInterrupted({ wasInterrupted, run }: Play): boolean {
	const wasRecordedSo = run.frames.some(({ event }) => event?.type === "execution_interrupted");
	return wasInterrupted && !wasRecordedSo && !run.name.startsWith("18-");
}
