import { setTimeout as sleep } from "node:timers/promises";
import { GlassworksError } from "../../domain/errors.ts";
import type { BlobStore } from "../../domain/ports.ts";
import type { BlobIndex } from "../../domain/storage/blobIndex.ts";
import { assertTenantId, sha256Of } from "./blobName.ts";

/** Removing is over long before; else whoever removes has died, and its claim on the blob lapses. */
const maxWaitMs = 150_000;
const pauseMs = 100;

/**
 * A blob store whose pictures are announced before they are stored, so that no sweep takes one that is about to be referred to.
 * `keepMs`: how long something may take to refer to it.
 */
export function createAnnouncedBlobs(blobs: BlobStore, index: Pick<BlobIndex, "announce" | "stored">, keepMs: number): BlobStore {
	return {
		...blobs,
		async put(tenantId, bytes) {
			assertTenantId(tenantId);
			const name = { tenantId, sha256: sha256Of(bytes), bytes: bytes.byteLength };
			for (const deadline = Date.now() + maxWaitMs; Date.now() < deadline; await sleep(pauseMs)) {
				const announced = await index.announce(name, keepMs);
				if (!announced) continue;
				const stored = await blobs.put(tenantId, bytes);
				if (announced.removal === null || (await index.stored(name, announced.removal))) return stored;
			}
			throw new GlassworksError("unavailable", "The picture is just being removed. Try again shortly.");
		},
	};
}
