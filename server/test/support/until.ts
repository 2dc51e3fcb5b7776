import { setTimeout as sleep } from "node:timers/promises";

/** Waits for something to become true; what it gives back is what is not null, false or undefined. */
export async function until<T>(
	look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
	patienceMs = 60_000,
): Promise<T> {
	for (const deadline = Date.now() + patienceMs; ; await sleep(20)) {
		const found = await look();
		if (found) return found;
		if (Date.now() > deadline) throw new Error(`it did not happen within ${patienceMs / 1_000} s`);
	}
}
