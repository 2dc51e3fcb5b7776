/** Takes up to `slots` tasks and returns how many it got. What it took stays with it until `endClaimed`. */
export type Claim = (slots: number) => Promise<number>;

/** One waiting claimer on a queue that is otherwise empty. */
export interface Waker {
	submit(): Promise<unknown>;
	/** Ends when the claimer has the next task in its hands. */
	claimed(): Promise<unknown>;
	close(): Promise<void>;
}

/** How submitter and claimer, each with connections of its own as if in two processes, hear of each other. */
export type Wire = "PostgreSQL" | "Redis" | "this process";

/** A queue under measurement. Everything it does not have is null, never imitated. */
export interface Contender {
	name: string;
	/** Puts `count` tasks in line, as fast as it can; stops at the deadline. Returns how many are there. */
	load(count: number, deadlineMs: number): Promise<number>;
	/** One task. */
	submit(): Promise<unknown>;
	/** One call that brings `count` tasks. */
	submitTogether(count: number): Promise<unknown>;
	/** As many independent jobs as `count`, the fastest way there is. */
	submitEach(count: number): Promise<unknown>;
	/** Claimers with identities of their own. */
	claimers: readonly Claim[];
	/** Opens a claimer that waits; null where the wire is not this queue's. */
	openWaker(wire: Wire): Promise<Waker | null>;
	/** Asks for the place of a random waiting task; null: this queue cannot tell. */
	askPlace: (() => Promise<unknown>) | null;
	/** Ends what was claimed; never measured. */
	endClaimed(): Promise<void>;
	/** Between rounds, not measured either: lets the database clear away what is dead. */
	tidy(): Promise<void>;
	close(): Promise<void>;
}
