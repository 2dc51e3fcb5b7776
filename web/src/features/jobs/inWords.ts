import type { Job, Waiting } from "@glassworks/sdk";
import { duration, durationRange } from "../../format/duration.ts";
import { ordinal } from "../../format/ordinal.ts";

/** What a waiting job's owner wants to know, in words. */
export interface WaitingWords {
	/** "5th in line". Null when there is no place: running, scheduled, or nobody can run it. */
	place: string | null;
	eta: string | null;
	/** How the ETA was made. */
	etaMethod: string | null;
	why: string | null;
	/** What would end the wait sooner. */
	help: string | null;
	/** "3 pro, 12 free". */
	ahead: string | null;
}

export function waitingInWords(waiting: Waiting): WaitingWords {
	const ahead = Object.entries(waiting.ahead_by_plan).filter(([, count]) => count > 0);
	return {
		place: waiting.place === null ? null : waiting.place === 1 ? "Next in line" : `${ordinal(waiting.place)} in line`,
		eta: waiting.eta && durationRange(waiting.eta.p50_ms, waiting.eta.p90_ms),
		etaMethod: waiting.eta && howMade(waiting.eta),
		why: waiting.reason && reasonInWords(waiting.reason.code, waiting.reason.data),
		// What helps against a time that one chose oneself is said in the API's words.
		help: waiting.reason?.code === "scheduled" ? null : (waiting.reason?.help.you ?? null),
		ahead: ahead.length > 0 ? ahead.map(([plan, count]) => `${count} ${plan}`).join(", ") : null,
	};
}

function howMade({ method, coverage }: NonNullable<Waiting["eta"]>): string {
	if (!coverage) return method;
	return `${method}; lately ${Math.round(coverage.share * 100)} % of ${coverage.outcomes} ended within the range of 80 %`;
}

type Data = Record<string, unknown>;

const reasons: Record<string, (data: Data) => string> = {
	no_capable_worker: ({ capability, capabilities }) => {
		const lacking = typeof capability === "string" ? capability : Array.isArray(capabilities) ? capabilities.join(", ") : "";
		return `No connected worker can run this${lacking ? ` (${lacking})` : ""}. It starts by itself when one connects.`;
	},
	workers_busy: () => "Every worker that can run this is busy.",
	model_loading: ({ model }) => `A worker is loading ${typeof model === "string" ? model : "the model"}.`,
	fair_share_turn: () => "Others have their fair share first.",
	plan_concurrency_cap: () => "Your plan's limit of pictures at once is reached; it goes on when one of yours ends.",
	rate_limited: () => "Too many in a short time; it goes on in a moment.",
	scheduled: ({ run_after: at }) => `Scheduled for ${moment(at) ?? "later"}.`,
	budget_paused: () => "Paused: the budget is used up.",
	retry_backoff: ({ attempt, not_before: at }) => {
		const when = moment(at);
		return `An attempt failed${typeof attempt === "number" ? ` (number ${attempt})` : ""}; it tries again ${when ? `at ${when}` : "shortly"}.`;
	},
	pool_paused: () => "The operator has paused the workers.",
	dependency: () => "An earlier step has to finish first.",
};

export function reasonInWords(code: string, data: Data): string {
	return reasons[code]?.(data) ?? `Waiting: ${code.replaceAll("_", " ")}.`;
}

function moment(at: unknown): string | null {
	if (typeof at !== "string" || Number.isNaN(Date.parse(at))) return null;
	return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

const steps: Record<string, string> = {
	generate: "Drawing",
	inpaint: "Repainting",
	detect_faces: "Looking for faces",
	restore_faces: "Restoring faces",
	upscale: "Upscaling 4x",
	encode: "Finishing",
};

/** What a step does, while it does it. A workflow's own steps keep their name. */
export function stepInWords(step: string | null): string {
	return step === null ? "Working" : (steps[step] ?? step.replaceAll("_", " "));
}

const stepNames: Record<string, string> = {
	restore_faces: "Face restoration",
	detect_faces: "Face detection",
	upscale: "Upscale 4x",
	generate: "Picture",
	encode: "Encoding",
};

/** A step as a thing that can be bought or left out. */
export function stepName(step: string): string {
	return stepNames[step] ?? step.replaceAll("_", " ");
}

/** How long the job ran, or null while it has not ended. */
export function tookMs(job: Job): number | null {
	return job.started_at && job.finished_at ? Date.parse(job.finished_at) - Date.parse(job.started_at) : null;
}

/** One line for screen readers when a job's state changes. */
export function announcement(job: Job): string {
	const prompt = String(job.request.prompt ?? "picture").slice(0, 60);
	const count = job.images.length === 1 ? "Picture" : `${job.images.length} pictures`;
	switch (job.status) {
		case "succeeded":
			return `${count} finished: ${prompt}`;
		case "partial":
			return `${job.images.filter((image) => image.status === "succeeded").length} of ${job.images.length} pictures finished: ${prompt}`;
		case "failed":
			return `Failed: ${prompt}. ${job.error?.message ?? ""}`;
		case "cancelled":
			return `Cancelled: ${prompt}`;
		case "running":
			return `${stepInWords(job.images.find((image) => image.status === "pending")?.step ?? null)}, ${Math.floor(job.progress * 4) * 25} percent: ${prompt}`;
		default: {
			const eta = job.waiting?.eta;
			return `Waiting: ${prompt}${eta ? `, ready in about ${duration(eta.p50_ms)}` : ""}`;
		}
	}
}
