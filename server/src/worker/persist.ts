import { GlassworksError } from "../domain/errors.ts";
import { pause } from "./pause.ts";

/**
 * Does something that is safe to repeat until it works, for at most `forMs`: minutes of rendering must not be lost to a server that restarts.
 * Refusals (lost lease, bad input) are thrown at once.
 */
export async function persist<T>(action: () => Promise<T>, forMs: number, signal?: AbortSignal): Promise<T> {
	const deadline = Date.now() + forMs;
	for (let failures = 0; ; failures += 1) {
		try {
			return await action();
		} catch (error) {
			const waitMs = Math.min(5_000, 200 * 2 ** Math.min(failures, 10));
			if (!mayPass(error) || signal?.aborted || Date.now() + waitMs > deadline) throw error;
			await pause(waitMs, signal);
		}
	}
}

/** A server that could not be reached, or a database that threw something of its own. */
function mayPass(error: unknown): boolean {
	return !(error instanceof GlassworksError) || error.code === "unavailable";
}
