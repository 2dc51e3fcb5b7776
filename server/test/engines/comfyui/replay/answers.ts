import type { JsonObject } from "../../../../src/domain/json.ts";
import { endsInterrupted, interrupted, type Play } from "./play.ts";
import { rewriteFor } from "./rewrite.ts";

/** What GET /history/{id} says of a prompt that has ended. */
export function historyOf(play: Play, clockSkewMs: number): JsonObject {
	if (!endsInterrupted(play)) return play.rewrite.json(play.run.history) as JsonObject;
	return rewriteFor(interrupted, play.posted, clockSkewMs).json(interrupted.history) as JsonObject;
}

/**
 * What GET /api/jobs/{id} says. At the end as it was recorded; where nobody had asked, put together from the history as the server does.
 * Before that, the fields that were recorded of other jobs that waited and ran.
 */
export function jobOf(play: Play, clockSkewMs: number): JsonObject {
	const { posted, number, state } = play;
	const common = { id: posted.promptId, priority: number, create_time: clockSkewMs, outputs_count: 0, previewable_outputs_count: 0 };
	if (state !== "ended") return { ...common, status: state === "waiting" ? "pending" : "in_progress", outputs: {} };
	if (endsInterrupted(play)) return rewriteFor(interrupted, posted, clockSkewMs).json(interrupted.job) as JsonObject;
	if (play.run.job) return play.rewrite.json(play.run.job) as JsonObject;
	const { outputs, status } = historyOf(play, clockSkewMs);
	const { status_str: how, messages } = status as { status_str: string; messages: [string, JsonObject][] };
	const error = messages.find(([type]) => type === "execution_error")?.[1];
	const failed = messages.some(([type]) => type === "execution_interrupted") ? "cancelled" : "failed";
	const job = { ...common, outputs: outputs ?? {}, execution_status: status ?? {}, status: how === "success" ? "completed" : failed };
	return error && how !== "success" ? { ...job, execution_error: error } : job;
}
