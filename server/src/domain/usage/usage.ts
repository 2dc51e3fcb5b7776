import type { StepKind } from "../ports.ts";

/** What rows of usage can be told apart by. Days are those of a time zone; `tenant` is for the operator. */
export const usageGroups = ["day", "tenant", "key", "model", "step"] as const;
export type UsageGroup = (typeof usageGroups)[number];

/** What was used, counted as pictures and jobs end. */
export interface UsageReader {
	/** Rows by group: the newest day first, then by name. @throws {GlassworksError} invalid_request, when the database does not know the time zone */
	read(query: UsageQuery): Promise<UsagePage>;
	/** All of it in one row; `isOfSteps`: only what steps count. */
	total(query: UsageScope & { isOfSteps: boolean }): Promise<UsageAmounts>;
	/** Counts some of what ended before the database began to count; true: all is counted. */
	countPast(): Promise<boolean>;
}

/** Whose usage, and of what. */
export interface UsageScope {
	/** Null: of everybody. */
	tenantId: string | null;
	/** First and last day, both included, as 2026-11-25. */
	from: string;
	to: string;
	/** IANA name: where days begin. */
	timeZone: string;
	/** Only this key's, model's or step kind's; null: any. An empty key id: what was asked for without a key. */
	keyId: string | null;
	model: string | null;
	step: StepKind | null;
}

export interface UsageQuery extends UsageScope {
	groupBy: readonly UsageGroup[];
	limit: number;
	/** Goes on after the row of these groups. */
	after: UsageKey | null;
}

/** Null: not grouped by it. */
export interface UsageKey {
	day: string | null;
	tenant: string | null;
	key: string | null;
	model: string | null;
	step: string | null;
}

/** Amounts are micro-dollars. */
export interface UsageAmounts {
	/** Jobs that ended, and those of them without a picture. Null, as pictures are: told apart or filtered by step, which neither belongs to. */
	jobs: number | null;
	jobsFailed: number | null;
	/** Finished ones. */
	pictures: number | null;
	picturesFailed: number | null;
	/** Steps that ran to their end. */
	steps: number;
	stepsFailed: number;
	stepsSkipped: number;
	/** Of steps that ran to their end. */
	runtimeMs: number;
	chargedMicroUsd: number;
	/** The operator's own. */
	costMicroUsd: number;
	/** Drawn from the plan's quota, by unit. */
	quota: Record<string, number>;
}

export interface UsageRow extends UsageKey, UsageAmounts {
	/** What the key is called; null: not grouped by key, or there is none. */
	keyName: string | null;
}

export interface UsagePage {
	rows: UsageRow[];
	/** Where the next page goes on; null: this is the last. */
	next: UsageKey | null;
}
