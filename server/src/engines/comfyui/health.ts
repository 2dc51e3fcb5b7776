import { GlassworksError } from "../../domain/errors.ts";
import type { Look } from "./look.ts";

/** Whether the engine gets anything done. A server whose worker thread has died answers every request and never runs anything again. */
export interface Health {
	/** These prompts do not end, not even when told to stop. */
	suspect(promptIds: string[]): void;
	/** Looks again at what was stuck. @throws {GlassworksError} `engine_down` while it still is */
	check(): Promise<void>;
}

export function createHealth(look: Look): Health {
	const stuck = new Set<string>();
	return {
		suspect(promptIds) {
			for (const promptId of promptIds) stuck.add(promptId);
		},
		async check() {
			for (const promptId of stuck) {
				const { state } = await look(promptId);
				// Ended: it works again. Waiting or absent: it was restarted.
				if (state !== "running") stuck.delete(promptId);
			}
			if (stuck.size > 0) throw new GlassworksError("engine_down", "The engine is stuck: it does not finish or stop what it runs.");
		},
	};
}
