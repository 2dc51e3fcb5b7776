import { type Query, sql } from "../sql.ts";

/** Unfinished: found by their tenant's index, and their tasks by the job's. */
export const openJobs = (tenantId: string): Query =>
	sql`(select id from jobs where tenant_id = ${tenantId} and status in ('scheduled', 'queued', 'running'))`;
