import type { JsonObject } from "../json.ts";

/** Why a job is not being worked on right now. @see docs/glossary.md */
export const waitReasons = [
	"no_capable_worker",
	"workers_busy",
	"model_loading",
	"fair_share_turn",
	"plan_concurrency_cap",
	"rate_limited",
	"scheduled",
	"budget_paused",
	"retry_backoff",
	"pool_paused",
	"dependency",
] as const;
export type WaitReason = (typeof waitReasons)[number];

/** What would end the wait sooner, in words: for who waits and for who runs the platform. */
export interface Help {
	user: string | null;
	operator: string | null;
}

/** A job's place and outlook at one instant. */
export interface Waiting {
	/** What the place was read from; nothing in it is older. */
	asOf: Date;
	pool: string;
	/** 1 is next; null while running, scheduled or when nobody can run it. Counts only tasks some live worker could run. */
	place: number | null;
	/** Tasks ahead by the plan of their tenant. */
	aheadByPlan: Record<string, number>;
	reason: { code: WaitReason; data: JsonObject; help: Help } | null;
	/** Time until the last picture, from now; null when it cannot be said and `reason` says why. */
	eta: Eta | null;
}

/** Milliseconds from `asOf`. */
export interface Eta {
	/** The estimate before it was corrected by measured errors. */
	pointMs: number;
	p10Ms: number;
	p50Ms: number;
	p90Ms: number;
	/** How it was made, in words a user can read: an estimate never looks better than it is. */
	method: string;
	/** How often jobs of this pool lately ended between p10 and p90, and of how many; null until some were measured. */
	coverage: { share: number; outcomes: number } | null;
}
