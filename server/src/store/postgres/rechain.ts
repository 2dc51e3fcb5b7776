import { type ChainLink, moveToFront, reweigh } from "../../domain/scheduling/rechain.ts";
import { type Session, sql } from "../sql.ts";

interface Link extends ChainLink {
	runIndex: number;
}

/**
 * Gives new tags to a tenant's pictures in one pool that no worker has touched there: `frontJobId` first, or, when that is null, the same
 * order by a new weight. Call it before jobs.weight is changed: that is what the tags were made with. The tenant's row must be locked and
 * the job rows must not: tasks are locked by id here, jobs after them.
 */
export async function rechain(
	tx: Session,
	{ tenantId, pool, weight, frontJobId }: { tenantId: string; pool: string; weight: number; frontJobId: string | null },
): Promise<void> {
	await tx.query(sql`select 1 from tasks where tenant_id = ${tenantId} and pool = ${pool} and status = 'ready' order by id for update`);
	// A statement of its own: it sees what was committed while the locks were waited for.
	const links = await readLine(tx, tenantId, pool);
	const last = links.at(-1);
	if (!last) return;
	const moves = frontJobId === null ? reweigh(links, weight) : moveToFront(links, frontJobId);
	await tx.query(sql`update tasks t set order_key = m.key
		from unnest(${moves.map((move) => move.link.jobId)}::text[], ${moves.map((move) => move.link.runIndex)}::int[],
			${moves.map((move) => move.orderKey)}::bigint[]) as m(job_id, run_index, key)
		where t.job_id = m.job_id and t.run_index = m.run_index and t.pool = ${pool} and t.order_key is not null and t.order_key <> m.key`);
	// F_prev follows only where it was the end of this line: it may be the tag of work that was started since.
	await tx.query(sql`update tenant_tags set last_key = ${moves.at(-1)?.orderKey ?? last.orderKey}
		where tenant_id = ${tenantId} and pool = ${pool} and last_key = ${last.orderKey}`);
}

/** In order. Every tagged step of a picture in a pool has the same tag, and its cost is that of all its steps there. */
const readLine = (tx: Session, tenantId: string, pool: string): Promise<Link[]> =>
	tx.query<Link>(sql`select r.job_id as "jobId", r.run_index as "runIndex", r.key as "orderKey", c.predicted_ms as "predictedMs", j.weight
		from (select job_id, run_index, min(order_key) as key, min(id) as id from tasks
			where tenant_id = ${tenantId} and pool = ${pool} and status = 'ready' group by job_id, run_index) r
		cross join lateral (select sum(predicted_ms) filter (where status <> 'skipped')::bigint as predicted_ms, max(attempt) as attempts
			from tasks t where t.job_id = r.job_id and t.run_index = r.run_index and t.pool = ${pool}) c
		join jobs j on j.id = r.job_id
		where c.attempts = 0 order by r.key, r.id`);
