import { GlassworksError } from "../../domain/errors.ts";
import type { Health } from "./health.ts";
import type { Stop } from "./stop.ts";

/** Prompts that nobody waits for any more and that may still wait or run in the engine. */
export interface LeftBehind {
	add(promptId: string): void;
	/** Stops them, so that the next one need not wait for them. @throws {GlassworksError} `engine_down` when one does not stop */
	stopAll(): Promise<void>;
}

export function createLeftBehind(stop: Stop, health: Health): LeftBehind {
	const promptIds = new Set<string>();
	return {
		add: (promptId) => promptIds.add(promptId),
		async stopAll() {
			for (const promptId of promptIds) {
				const after = await stop(promptId);
				if (after === null) throw new GlassworksError("engine_down", "The engine could not be reached.");
				if (after.state === "running") health.suspect([promptId]);
				if (after.state === "ended" || after.state === "absent") promptIds.delete(promptId);
			}
			if (promptIds.size > 0) await health.check();
		},
	};
}
