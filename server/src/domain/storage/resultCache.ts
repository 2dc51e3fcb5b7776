/** Finished jobs by what made them what they are. A tenant only ever finds its own. */
export interface ResultCache {
	/** The job that made this result lately and still has all its pictures; null: none. */
	find(tenantId: string, key: string): Promise<string | null>;
	/** Forgets what is too old to be found. */
	forget(): Promise<void>;
}

/** What a job remembers so that its result may be kept; part of the stored request. */
export interface CacheEntry {
	/** SHA-256 of everything that decides the result. */
	key: string;
	/** The models it has to be made by: digests by step. Anything else is not kept. */
	digests: Record<string, string>;
	/** Steps that were left out before anything ran. One left out later makes another result. */
	skips: string[];
	/** For how long, in seconds. */
	keepS: number;
}
