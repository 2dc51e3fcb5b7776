/** A stored picture by name. */
export interface BlobName {
	tenantId: string;
	sha256: string;
}

/** A blob somebody took to remove it. */
export interface TakenBlob extends BlobName {
	/** Which taking it was. */
	claim: string;
}

/** Stored pictures of one tenant. */
export interface StorageUsage {
	tenantId: string;
	blobs: number;
	bytes: number;
	/** Of these, what nothing refers to: on its way in, or to be removed. */
	unreferencedBlobs: number;
	unreferencedBytes: number;
}

/**
 * What is stored and who still refers to it. The counts are kept by the database itself, in the transaction of whatever refers to a blob; this is the
 * rest: storing announces itself, and removing takes what nothing refers to. Neither ever undoes the other: docs/decisions/0026.
 */
export interface BlobIndex {
	/**
	 * Says that the blob is about to be stored; spares it for `keepMs`, within which something has to refer to it.
	 * Null: its bytes are just being removed. Ask again shortly. `removal`: the one that may have removed them; null: they were not removed.
	 */
	announce(blob: BlobName & { bytes: number }, keepMs: number): Promise<{ removal: string | null } | null>;
	/**
	 * Undoes that removal: the bytes are stored again. Until then whoever stored them before it is refused to refer to them.
	 * False: they were removed once more. Begin anew.
	 */
	stored(blob: BlobName, removal: string): Promise<boolean>;
	/** Takes up to `limit` blobs that nothing refers to, of `only` these: for `forMs`, nobody else removes or stores them. */
	takeUnreferenced(limit: number, forMs: number, only?: readonly BlobName[]): Promise<TakenBlob[]>;
	/** Their bytes are gone. Those that somebody else has taken since are left to them. */
	markRemoved(blobs: readonly TakenBlob[]): Promise<void>;
	/** Their bytes are still there, and nobody was asked to remove them. As markRemoved. */
	giveBack(blobs: readonly TakenBlob[]): Promise<void>;
	/** Of what was found stored: what nobody knows of. From now on it counts as unreferenced. Returns how many. */
	adopt(found: readonly BlobName[]): Promise<number>;
	/** Forgets what workers handed in for attempts that came to nothing, and removed blobs a day later. */
	forgetLeftovers(limit: number): Promise<void>;
	/** How many of these something still refers to, and how many nothing does whose bytes are still stored. */
	remaining(blobs: readonly BlobName[]): Promise<{ referenced: number; left: number }>;
	/** By tenant, the largest first. */
	usage(): Promise<StorageUsage[]>;
}
