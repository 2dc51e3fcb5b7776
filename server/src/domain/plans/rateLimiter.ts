import type { Rate } from "./rate.ts";

/** What came of one request. */
export interface Taken {
	isAllowed: boolean;
	/** Requests that are left of the window. */
	left: number;
	/** Until the next window opens. */
	resetMs: number;
}

/** Counts requests by key and window. Never throws and never waits long: a store that is away is stood in for by this process' memory. */
export interface RateLimiter {
	/** Counts one more request. `key` says who does what, as `submit:ten_...`; rates of a day or a month are not for it. */
	take(key: string, rate: Rate): Promise<Taken>;
	close(): Promise<void>;
}
