import type { BlobStore, Log } from "../ports.ts";
import type { BlobIndex, BlobName, TakenBlob } from "./blobIndex.ts";
import type { PictureStore } from "./pictureStore.ts";

export interface SweepPorts {
	index: BlobIndex;
	pictures: Pick<PictureStore, "expire">;
	blobs: Pick<BlobStore, "delete" | "list">;
	log: Log;
}

export interface Sweep {
	/** Jobs and uploads whose time was up. */
	expired: number;
	/** Blobs whose bytes were removed. */
	removed: number;
	/** Blobs that were stored and nobody knew of, or that were taken for removed; they are removed by a later round. */
	found: number;
}

export interface Sweeper {
	/** One bounded round. */
	run(): Promise<Sweep>;
	/** As many as it takes to have seen everything once. */
	runWhole(): Promise<Sweep>;
	/** Removes these at once, unless something refers to them. Never throws: what cannot be removed now is removed by a later round. */
	remove(blobs: readonly BlobName[]): Promise<void>;
}

/** Of jobs, blobs and stored names each: what one round looks at. */
const batch = 500;
/** For so long a removed blob is nobody's else. */
const removingMs = 120_000;
/** Bytes are only removed this soon after they were taken: a process that slept must not remove what somebody stored anew. */
const removeWithinMs = 60_000;

/** Removes bytes that nothing refers to any more, of `only` these. What cannot be removed now is left for later. Returns how many were. */
async function removeUnreferenced({ index, blobs, log }: Omit<SweepPorts, "pictures">, only?: readonly BlobName[]): Promise<number> {
	const takenAt = performance.now();
	const taken = await index.takeUnreferenced(batch, removingMs, only);
	const removed: TakenBlob[] = [];
	let failed = 0;
	let at = 0;
	// The storage may be away: it is not asked for each of hundreds.
	for (; at < taken.length && failed < 3 && performance.now() - takenAt < removeWithinMs; at++) {
		const blob = taken[at] as TakenBlob;
		try {
			await blobs.delete(blob.tenantId, blob.sha256);
			removed.push(blob);
		} catch (error) {
			// It stays taken: what was asked may still happen, and nobody may store the same until it no longer can.
			failed++;
			log.warn({ tenantId: blob.tenantId, error: error instanceof Error ? error.message : "unknown" }, "a picture could not be removed");
		}
	}
	if (removed.length > 0) await index.markRemoved(removed);
	if (at < taken.length) await index.giveBack(taken.slice(at));
	return removed.length;
}

/**
 * One round after another: pictures whose time is up, bytes that nothing refers to, and stored blobs nobody knows of (a process was killed between
 * storing and referring). Safe in several processes at once; `youngMs`: stored blobs younger than this are not looked at.
 */
export function createSweeper(ports: SweepPorts, youngMs: number): Sweeper {
	let listing: AsyncIterator<{ tenantId: string; sha256: string; modifiedAt: Date }> | null = null;

	/** Looks at the next of what is stored; `isEnd` when that was all of it. */
	async function adoptUnknown(): Promise<{ found: number; isEnd: boolean }> {
		listing ??= ports.blobs.list()[Symbol.asyncIterator]();
		const old: BlobName[] = [];
		for (let looked = 0; looked < batch; looked++) {
			const next = await listing.next().catch((error: unknown) => {
				listing = null;
				throw error;
			});
			if (next.done) {
				listing = null;
				break;
			}
			const { tenantId, sha256, modifiedAt } = next.value;
			if (Date.now() - modifiedAt.getTime() > youngMs) old.push({ tenantId, sha256 });
		}
		return { found: await ports.index.adopt(old), isEnd: listing === null };
	}

	async function run(): Promise<Sweep> {
		const expired = await ports.pictures.expire(batch);
		await ports.index.forgetLeftovers(batch);
		const removed = await removeUnreferenced(ports);
		const { found } = await adoptUnknown();
		return { expired, removed, found };
	}

	async function runWhole(): Promise<Sweep> {
		listing = null;
		const sum = { expired: 0, removed: 0, found: 0 };
		for (let isEnd = false; !isEnd; ) {
			const round = await adoptUnknown();
			sum.found += round.found;
			isEnd = round.isEnd;
		}
		for (let more = true; more; ) {
			const expired = await ports.pictures.expire(batch);
			await ports.index.forgetLeftovers(batch);
			const removed = await removeUnreferenced(ports);
			sum.expired += expired;
			sum.removed += removed;
			more = expired > 0 || removed > 0;
		}
		return sum;
	}

	async function remove(blobs: readonly BlobName[]): Promise<void> {
		if (blobs.length === 0) return;
		await removeUnreferenced(ports, blobs).catch((error: unknown) =>
			ports.log.warn({ error: error instanceof Error ? error.message : "unknown" }, "pictures could not be removed at once"),
		);
	}

	return { run, runWhole, remove };
}
