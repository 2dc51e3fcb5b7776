import os from "node:os";

type Undo = () => Promise<unknown>;
/** Puts off what undoes a step. */
export type Later = (undo: Undo) => void;

/** Of all that is under way, the oldest first. */
const undoes: Undo[] = [];

async function undoDownTo(count: number): Promise<void> {
	while (undoes.length > count) await undoes.pop()?.();
}

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
	process.once(signal, () => {
		stopping = true;
		void undoDownTo(0).finally(() => process.exit(128 + os.constants.signals[signal]));
	});

/** Runs `work`, then undoes what it has put off, last first: however it ended, and also when a signal ends the process. May be nested. */
export async function withCleanUp<T>(work: (later: Later) => Promise<T>): Promise<T> {
	const before = undoes.length;
	try {
		return await work((undo) => undoes.push(undo));
	} catch (error) {
		// What a signal pulled from under the work is no news; the signal's own undoing ends the process.
		if (stopping) await new Promise(() => {});
		throw error;
	} finally {
		await undoDownTo(before);
	}
}
