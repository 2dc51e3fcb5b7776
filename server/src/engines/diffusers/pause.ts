import { setTimeout as sleep } from "node:timers/promises";
import { GlassworksError } from "../../domain/errors.ts";

export const cancelled = () => new GlassworksError("cancelled", "The step was cancelled.");

/** @throws {GlassworksError} cancelled */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
	await sleep(ms, undefined, { signal }).catch(() => {
		throw cancelled();
	});
}
