import { GlassworksError } from "../../domain/errors.ts";
import type { Look } from "./look.ts";
import type { Timings } from "./timings.ts";

/**
 * Whether the engine gets anything done. A server whose worker thread has died answers every request and never runs anything again; one whose
 * disk is full fails every picture at once, and would take all there are.
 */
export interface Health {
	/** These prompts do not end, not even when told to stop. */
	suspect(promptIds: string[]): void;
	/** It could not write its picture: it is left alone for a while. */
	rest(): void;
	/** Looks again at what was stuck. @throws {GlassworksError} `engine_down` while it still is, or rests */
	check(): Promise<void>;
}

export function createHealth(look: Look, { restMs }: Pick<Timings, "restMs">): Health {
	let restsUntil = Number.NEGATIVE_INFINITY;
	const stuck = new Set<string>();
	return {
		suspect(promptIds) {
			for (const promptId of promptIds) stuck.add(promptId);
		},
		rest() {
			restsUntil = performance.now() + restMs;
		},
		async check() {
			if (performance.now() < restsUntil) throw diskFull();
			for (const promptId of stuck) {
				const { state } = await look(promptId);
				// Ended: it works again. Waiting or absent: it was restarted.
				if (state !== "running") stuck.delete(promptId);
			}
			if (stuck.size > 0) throw new GlassworksError("engine_down", "The engine is stuck: it does not finish or stop what it runs.");
		},
	};
}

export function diskFull(): GlassworksError {
	return new GlassworksError("engine_down", "The engine has no room left on its disk for what it makes.");
}
