import { GlassworksError, isRetryable } from "../domain/errors.ts";
import type { WorkOutcome } from "../domain/jobs/taskSource.ts";

/** As long as the wire takes. */
const maxMessageLength = 500;

/** What the tenant is told of a step that failed. Only our own errors speak for themselves; whatever else was thrown stays in the log. */
export function describeFailure(error: unknown): Extract<WorkOutcome, { kind: "failed" }> {
	const { code, message } = toGlassworksError(error);
	return { kind: "failed", failure: { code, message: message.slice(0, maxMessageLength).toWellFormed() }, retryable: isRetryable(code) };
}

function toGlassworksError(error: unknown): GlassworksError {
	if (!(error instanceof GlassworksError)) return new GlassworksError("internal", "The step failed for a reason we did not foresee.");
	// Nobody asked us to stop: the engine was interrupted from elsewhere, and another attempt may not be.
	if (error.code === "cancelled") return new GlassworksError("engine_down", "The engine interrupted the step.");
	return error;
}

export function isLeaseLost(error: unknown): boolean {
	return error instanceof GlassworksError && error.code === "lease_lost";
}

/** The worker's token was revoked or never was one: nothing it does can succeed. */
export function isDismissed(error: unknown): error is GlassworksError {
	return error instanceof GlassworksError && (error.code === "unauthenticated" || error.code === "forbidden");
}
