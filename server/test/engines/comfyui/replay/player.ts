import type { JsonObject } from "../../../../src/domain/json.ts";
import { type Play, perform, type Stage } from "./play.ts";
import type { RecordedRun } from "./recordedRun.ts";
import { type Posted, rewriteFor } from "./rewrite.ts";

/** The queue of the server and its one worker thread, which runs prompts in order, each by its script. */
export interface Player {
	plays(): readonly Play[];
	/** Also those that were forgotten: their files stay. */
	everPlayed(): readonly Play[];
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

export interface PlayerOptions extends Omit<Stage, "isAlive" | "releases" | "stirred"> {
	/** What the next accepted prompt plays. */
	nextRun(): RecordedRun;
}

export function createPlayer(options: PlayerOptions): Player {
	let plays: Play[] = [];
	const everPlayed: Play[] = [];
	const { stage, stir, release, die } = createStage(options);
	const work = createWorker(() => plays, stage);

	const tellQueue = () => options.tellAll(queueStatus(plays));

	return {
		plays: () => plays,
		everPlayed: () => everPlayed,
		add(posted) {
			const run = options.nextRun();
			const rewrite = rewriteFor(run, posted, options.clockSkewMs);
			const play: Play = { posted, number: everPlayed.length, run, rewrite, state: "waiting", wasInterrupted: false, node: null };
			everPlayed.push(play);
			plays = [...plays.filter((other) => other.posted.promptId !== posted.promptId || other.state !== "ended"), play];
			tellQueue();
			setImmediate(work);
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
			stir();
			return running !== undefined;
		},
		forget(promptId) {
			plays = plays.filter((play) => play.state !== "ended" || play.posted.promptId !== promptId);
		},
		release,
		die() {
			plays = [];
			die();
		},
	};
}

/** How many prompts wait or run, as every socket is told. */
export function queueStatus(plays: readonly Play[]): JsonObject {
	const left = plays.filter(({ state }) => state !== "ended").length;
	return { type: "status", data: { status: { exec_info: { queue_remaining: left } } } };
}

function createWorker(plays: () => Play[], stage: Stage): () => Promise<void> {
	let isBusy = false;
	return async () => {
		if (isBusy) return;
		isBusy = true;
		for (let next = plays().find(({ state }) => state === "waiting"); next; next = plays().find(({ state }) => state === "waiting"))
			await perform(next, stage);
		isBusy = false;
	};
}

function createStage(options: Omit<Stage, "isAlive" | "releases" | "stirred">): {
	stage: Stage;
	stir(): void;
	release(): void;
	die(): void;
} {
	let isAlive = true;
	let releases = 0;
	let stir = () => {};
	const stage: Stage = {
		...options,
		isAlive: () => isAlive,
		releases: () => releases,
		stirred: () =>
			new Promise((resolve) => {
				stir = resolve;
			}),
	};
	return {
		stage,
		stir: () => stir(),
		release() {
			releases += 1;
			stir();
		},
		die() {
			isAlive = false;
			stir();
		},
	};
}
