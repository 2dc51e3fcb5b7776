import type { ResultCache } from "../../domain/storage/resultCache.ts";
import { type Database, sql } from "../sql.ts";

export function createResultCache(database: Database): ResultCache {
	return {
		async find(tenantId, key) {
			const [row] = await database.query<{
				jobId: string;
			}>(sql`select c.job_id as "jobId" from cached_results c join jobs j on j.id = c.job_id
				where c.tenant_id = ${tenantId} and c.key = ${key} and c.expires_at > clock_timestamp()
				and (j.expires_at is null or j.expires_at > clock_timestamp())`);
			return row?.jobId ?? null;
		},
		async forget() {
			await database.query(sql`delete from cached_results where expires_at < clock_timestamp()`);
		},
	};
}
