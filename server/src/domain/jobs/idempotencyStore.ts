/** What a repeated Idempotency-Key meets. */
export type Replay =
	| { kind: "new" }
	/** Same key and body, answered before: give this again. */
	| { kind: "replay"; status: number; body: string }
	/** Same key and body; accepted, but its answer was lost: present this job. */
	| { kind: "accepted"; jobId: string };

/** Answers by tenant and key, kept 24 hours. */
export interface IdempotencyStore {
	/**
	 * Reserves the key for 60 s. `bodyHash` covers method, path and body.
	 * @throws {GlassworksError} idempotency_key_reused, idempotency_in_flight
	 */
	begin(tenantId: string, key: string, bodyHash: string): Promise<Replay>;
	complete(tenantId: string, key: string, status: number, body: string): Promise<void>;
	/** Frees a key whose request was refused before anything was accepted. */
	abandon(tenantId: string, key: string): Promise<void>;
}
