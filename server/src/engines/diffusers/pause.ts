import { setTimeout as sleep } from "node:timers/promises";
import { stepCancelled } from "../../domain/errors.ts";

/** @throws {GlassworksError} cancelled */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
	await sleep(ms, undefined, { signal }).catch(() => {
		throw stepCancelled();
	});
}
