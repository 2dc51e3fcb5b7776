import { setTimeout as sleep } from "node:timers/promises";
import { forget } from "./forget.ts";
import type { ComfyHttp } from "./http.ts";
import { isRouteAbsent, type Look, type Truth } from "./look.ts";
import type { Timings } from "./timings.ts";

/** Most prompts stop within a second. */
const looksPerRequest = 5;

/**
 * Stops a prompt that waits or runs and leaves no trace of it, and says how it is afterwards: ended, absent (it had only waited), or going
 * on in spite of everything. Null: the server did not answer.
 */
export type Stop = (promptId: string) => Promise<Truth | null>;

/** Asks again until it is seen to work: an interrupt that arrives just before the prompt starts is lost. */
export function createStop(http: ComfyHttp, look: Look, timings: Pick<Timings, "stopRepeatMs" | "stopGraceMs">): Stop {
	let canCancel = true;

	async function ask(promptId: string): Promise<void> {
		if (canCancel) {
			const answer = await http.post(`api/jobs/${encodeURIComponent(promptId)}/cancel`, {});
			if (!isRouteAbsent(answer)) return;
			// Before ComfyUI 0.27.
			canCancel = false;
		}
		await http.post("queue", { delete: [promptId] });
		// With its id: without one, whatever runs would be interrupted, also somebody else's.
		await http.post("interrupt", { prompt_id: promptId });
	}

	return async (promptId) => {
		const endAt = performance.now() + timings.stopGraceMs;
		for (let looks = 0; ; looks += 1) {
			if (looks % looksPerRequest === 0) await ask(promptId).catch(() => {});
			const seen = await look(promptId).catch(() => null);
			if (seen?.state === "ended") await forget(http, promptId).catch(() => {});
			if (seen?.state === "ended" || seen?.state === "absent" || performance.now() >= endAt) return seen;
			await sleep(timings.stopRepeatMs / looksPerRequest);
		}
	};
}
