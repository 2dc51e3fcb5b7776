/** What was given of a window. */
export interface Grant {
	/** At most what was wanted; 0: the window is used up. */
	granted: number;
	/** What nobody has taken yet. */
	left: number;
	/** Until the next window opens. */
	resetMs: number;
}

/** Windows of rates that all servers share. The first that asks opens one, and all together are given no more than the rate. */
export interface RateWindows {
	take(key: string, window: { periodMs: number; most: number; wanted: number }): Promise<Grant>;
	/** Removes those that ended. */
	forget(): Promise<void>;
}
