import type { z } from "zod";
import type { pool, worker } from "../contract/operator.ts";
import type { WorkerState } from "../domain/jobs/queueSnapshot.ts";
import type { Pool } from "../domain/jobs/steering.ts";
import type { WorkerStatus } from "../domain/jobs/workerStore.ts";

export function presentWorker(entry: WorkerStatus): z.infer<typeof worker> {
	return {
		id: entry.id,
		name: entry.name,
		kind: entry.kind,
		pools: entry.pools,
		allowed: entry.allowed,
		capabilities: entry.capabilities,
		trouble: entry.trouble,
		loaded_model: entry.loadedModel,
		slots: entry.slots,
		created_at: entry.createdAt.toISOString(),
		last_seen_at: entry.lastSeenAt?.toISOString() ?? null,
		revoked_at: entry.revokedAt?.toISOString() ?? null,
		state: stateOf(entry),
		running: entry.running,
	};
}

function stateOf({ draining, paused, running }: WorkerStatus): WorkerState {
	if (draining) return running > 0 ? "draining" : "drained";
	if (paused) return "paused";
	return running > 0 ? "busy" : "idle";
}

export function presentPool({ id, paused, dedicated }: Pool): z.infer<typeof pool> {
	return { id, paused, dedicated: dedicated && { tenant: dedicated.tenantId, base: dedicated.base } };
}
