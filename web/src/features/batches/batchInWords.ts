import type { Batch, ItemStatus } from "@glassworks/sdk";
import { duration, durationRange } from "../../format/duration.ts";
import { moment } from "../../format/moment.ts";

const states: Record<Batch["status"], string> = {
	scheduled: "Scheduled",
	running: "Running",
	paused: "Paused",
	completed: "Finished",
	cancelled: "Cancelled",
};

/** Its state in a word; a finished one with failures says so. */
export function stateInWords({ status, counts }: Batch): string {
	const failed = counts.failed + counts.partial;
	return status === "completed" && failed > 0 ? `Finished, ${failed} failed` : states[status];
}

/** When it will be done, as far as can be said. */
export function etaInWords({ eta }: Batch): string | null {
	if (!eta) return null;
	return eta.p90_ms === null ? `about ${duration(eta.p50_ms)}` : durationRange(eta.p50_ms, eta.p90_ms);
}

/** Why nothing goes on, and what would end that. */
export function waitInWords({ waiting, off_peak: offPeak, at }: Batch): string | null {
	if (!waiting) return null;
	const until = waiting.until ?? at;
	if (waiting.reason === "scheduled" && until) return `Starts ${moment(until)}${offPeak ? ", when it is off-peak" : ""}.`;
	return waiting.detail;
}

export const itemStates: Record<ItemStatus, string> = {
	waiting: "Not started",
	scheduled: "Scheduled",
	queued: "In line",
	running: "Running",
	succeeded: "Done",
	partial: "Partly failed",
	failed: "Failed",
	cancelled: "Cancelled",
};
