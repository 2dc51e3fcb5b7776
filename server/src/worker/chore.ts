import type { Log } from "../domain/ports.ts";

export interface Chore {
	/** For the log: "housekeeping". */
	name: string;
	/** Pause between the end of one round and the start of the next, in milliseconds. */
	everyMs: number;
	/** One round. Safe to run in several processes at once, and to be killed anywhere. A number it answers is after how many milliseconds the next one is due. */
	run(): Promise<unknown>;
	/** Calls back when a round is due at once; returns what ends that. */
	onDue?(listener: () => void): () => void;
	log: Log;
}

/** Runs a chore over and over, starting now. A failed round is logged; the next one tries again. Returns what ends it, once the round in progress is done. */
export function startChore({ name, everyMs, run, onDue, log }: Chore): () => Promise<void> {
	let running: Promise<void> = Promise.resolve();
	let stopped = false;
	let isRunning = false;
	let timer: NodeJS.Timeout | undefined;
	let isDue = false;
	const round = async () => {
		let nextMs = everyMs;
		isDue = false;
		try {
			const answer = await run();
			if (typeof answer === "number") nextMs = answer;
		} catch (error) {
			log.error({ chore: name, error: error instanceof Error ? error.message : "unknown" }, "chore failed");
		}
		isRunning = false;
		if (!stopped) timer = setTimeout(start, isDue ? 0 : nextMs);
	};
	const start = () => {
		isRunning = true;
		running = round();
	};
	const ignore = onDue?.(() => {
		isDue = true;
		if (isRunning || stopped) return;
		clearTimeout(timer);
		start();
	});
	start();
	return async () => {
		stopped = true;
		ignore?.();
		clearTimeout(timer);
		await running;
	};
}
