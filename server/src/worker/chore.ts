import type { Log } from "../domain/ports.ts";

export interface Chore {
	/** For the log: "housekeeping". */
	name: string;
	/** Pause between the end of one round and the start of the next, in milliseconds. */
	everyMs: number;
	/** One round. Safe to run in several processes at once, and to be killed anywhere. */
	run(): Promise<void>;
	log: Log;
}

/** Runs a chore over and over, starting now. A failed round is logged; the next one tries again. Returns what ends it, once the round in progress is done. */
export function startChore({ name, everyMs, run, log }: Chore): () => Promise<void> {
	let running: Promise<void> = Promise.resolve();
	let stopped = false;
	let timer: NodeJS.Timeout | undefined;
	const round = async () => {
		try {
			await run();
		} catch (error) {
			log.error({ chore: name, error: error instanceof Error ? error.message : "unknown" }, "chore failed");
		}
		if (!stopped) timer = setTimeout(start, everyMs);
	};
	const start = () => {
		running = round();
	};
	start();
	return async () => {
		stopped = true;
		clearTimeout(timer);
		await running;
	};
}
