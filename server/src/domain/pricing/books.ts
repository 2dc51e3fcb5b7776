import type { StepKind } from "../ports.ts";

/** The operator's view of the ledger. No tenant sees any of it. */
export interface Books {
	/** Adds up every entry again, in one snapshot, and compares. Reads the whole ledger. */
	verify(): Promise<Verification>;
	/** What steps that ended in the last `days` days brought in and cost. */
	earnings(days: number): Promise<Earnings>;
}

export interface Verification {
	asOf: Date;
	/** How much was looked at. */
	entries: number;
	balances: number;
	jobs: number;
	/** How much is off, in all. */
	found: number;
	/** The first of what is off; empty: the books are right. */
	findings: Finding[];
}

/** What a right ledger never holds. */
export type BookRule =
	/** A kept balance is not the sum of its entries. */
	| "balance_differs"
	/** A balance is below zero that never may be. */
	| "negative_balance"
	/** A job's hold is missing, or not what its row says. */
	| "hold_differs"
	/** An ended job's hold is not what was taken and given back, or an open one has been given back already. */
	| "hold_not_released"
	/** A step was charged more than once. */
	| "charged_twice"
	/** A step was charged that did not run, or whose picture was never finished, or at another price than its own. */
	| "charged_wrongly"
	/** A step of a finished picture ran and was not charged. */
	| "not_charged";

export interface Finding {
	rule: BookRule;
	tenantId: string;
	jobId: string | null;
	/** In words, with the numbers. */
	detail: string;
}

export interface Earnings {
	since: Date;
	until: Date;
	/** By model and step kind, most taken first. */
	steps: Earning[];
}

/** Amounts are micro-dollars. */
export interface Earning {
	model: string;
	kind: StepKind;
	/** Steps that ran to their end. */
	count: number;
	/** Of these, at list price. */
	listMicroUsd: number;
	/** Charged to credit. */
	takenMicroUsd: number;
	/** Charged steps' list price that a plan paid for. */
	includedMicroUsd: number;
	/** List price taken off for large requests. */
	discountMicroUsd: number;
	/** List price of steps whose picture was not finished: nobody pays for these. */
	lostMicroUsd: number;
	/** The operator's own, failed attempts left out. */
	costMicroUsd: number;
}
