import { GlassworksError } from "../../domain/errors.ts";
import type { IdempotencyStore } from "../../domain/jobs/idempotencyStore.ts";
import { type Database, sql } from "../sql.ts";

interface Kept {
	bodyHash: string;
	isLocked: boolean;
	jobId: string | null;
	status: number | null;
	body: string | null;
}

export function createIdempotencyStore(database: Database): IdempotencyStore {
	return {
		begin: (tenantId, key, bodyHash) =>
			database.transaction(async (tx) => {
				await tx.query(
					sql`delete from idempotency_keys where tenant_id = ${tenantId} and key = ${key} and created_at < now() - interval '24 hours'`,
				);
				const reserved = await tx.query(sql`insert into idempotency_keys (tenant_id, key, body_hash, locked_until)
					values (${tenantId}, ${key}, ${bodyHash}, now() + interval '60 seconds') on conflict do nothing returning key`);
				if (reserved.length > 0) return { kind: "new" };
				const [kept] =
					await tx.query<Kept>(sql`select body_hash as "bodyHash", locked_until > now() as "isLocked", job_id as "jobId", status, body
					from idempotency_keys where tenant_id = ${tenantId} and key = ${key} for update`);
				if (!kept) throw new GlassworksError("idempotency_in_flight", "A request with this Idempotency-Key is still being answered.");
				if (kept.bodyHash !== bodyHash)
					throw new GlassworksError("idempotency_key_reused", "This Idempotency-Key was used with another body. Use a new key.");
				if (kept.status !== null && kept.body !== null) return { kind: "replay", status: kept.status, body: kept.body };
				// Accepted, but its answer was lost with the server that was giving it: no need to wait the lock out.
				if (kept.jobId) return { kind: "accepted", jobId: kept.jobId };
				if (kept.isLocked)
					throw new GlassworksError("idempotency_in_flight", "A request with this Idempotency-Key is still being answered.");
				await tx.query(
					sql`update idempotency_keys set locked_until = now() + interval '60 seconds' where tenant_id = ${tenantId} and key = ${key}`,
				);
				return { kind: "new" };
			}),
		async complete(tenantId, key, status, body) {
			await database.query(
				sql`update idempotency_keys set status = ${status}, body = ${body}, locked_until = now() where tenant_id = ${tenantId} and key = ${key} and status is null`,
			);
		},
		async abandon(tenantId, key) {
			await database.query(
				sql`delete from idempotency_keys where tenant_id = ${tenantId} and key = ${key} and job_id is null and status is null`,
			);
		},
	};
}
