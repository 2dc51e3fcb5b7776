import { virtualCost } from "../../domain/scheduling/fairQueue.ts";
import { type ChainLink, closeGap, moveToFront, reweigh } from "../../domain/scheduling/rechain.ts";
import { type Query, type Session, sql } from "../sql.ts";

interface Link extends ChainLink {
	runIndex: number;
	/** Of its first step in the pool: the line it stands in. */
	capability: string;
}

interface Rechaining {
	tenantId: string;
	pool: string;
	/** The new one. */
	weight: number;
	frontJobId: string | null;
}

/**
 * Gives new tags to a tenant's pictures in one pool that no worker has touched there, in each of its lines: `frontJobId` first, or, when that is
 * null, the same order by a new weight. Call it before jobs.weight is changed: that is what the tags were made with. The tenant's row must be
 * locked and the job rows must not: tasks are locked by id here, jobs after them.
 */
export async function rechain(tx: Session, rechaining: Rechaining): Promise<void> {
	const { tenantId, pool, frontJobId } = rechaining;
	await tx.query(sql`select 1 from tasks where tenant_id = ${tenantId} and pool = ${pool} and status = 'ready' order by id for update`);
	// A statement of its own: it sees what was committed while the locks were waited for.
	const lines = Map.groupBy(await readLines(tx, tenantId, pool), (link) => link.capability);
	for (const [capability, links] of lines)
		if (frontJobId === null || links.some((link) => link.jobId === frontJobId)) await rechainLine(tx, rechaining, capability, links);
}

function rechainLine(tx: Session, rechaining: Rechaining, capability: string, links: readonly Link[]): Promise<void> {
	const { weight, frontJobId } = rechaining;
	const moves = frontJobId === null ? reweigh(links, weight) : moveToFront(links, frontJobId);
	const [before, after] = [links.at(-1)?.orderKey ?? 0, moves.at(-1)?.orderKey ?? 0];
	return writeTags(tx, { ...rechaining, capability, moves, before, after });
}

/** A picture that left its tenant's line before any worker touched it, with the tag it had. */
export interface GoneLink extends Omit<ChainLink, "floorKey"> {
	pool: string;
	capability: string;
}

/** What waits behind them moves up. The same must be locked as for `rechain`. */
export async function giveBackTags(tx: Session, tenantId: string, gone: readonly GoneLink[]): Promise<void> {
	for (const line of Map.groupBy(gone, (link) => `${link.pool} ${link.capability}`).values()) {
		const [first] = line.toSorted((a, b) => a.orderKey - b.orderKey);
		if (!first) continue;
		const { pool, capability } = first;
		const later = await readLines(tx, tenantId, pool, sql`and capability = ${capability} and order_key > ${first.orderKey}`);
		const from = first.orderKey - virtualCost(first.predictedMs, first.weight);
		const moves = closeGap(later, from);
		const before = Math.max(...line.map((link) => link.orderKey), later.at(-1)?.orderKey ?? 0);
		await writeTags(tx, { tenantId, pool, capability, moves, before, after: moves.at(-1)?.orderKey ?? from });
	}
}

interface Tags {
	tenantId: string;
	pool: string;
	capability: string;
	moves: readonly { link: Link; orderKey: number }[];
	/** Where the line ended, and where it ends now. */
	before: number;
	after: number;
}

async function writeTags(tx: Session, { tenantId, pool, capability, moves, before, after }: Tags): Promise<void> {
	const moved = moves.filter((move) => move.orderKey !== move.link.orderKey);
	if (moved.length > 0)
		await tx.query(sql`update tasks t set order_key = m.key
			from unnest(${moved.map((move) => move.link.jobId)}::text[], ${moved.map((move) => move.link.runIndex)}::int[],
				${moved.map((move) => move.orderKey)}::bigint[]) as m(job_id, run_index, key)
			where t.job_id = m.job_id and t.run_index = m.run_index and t.pool = ${pool} and t.order_key is not null`);
	// The last tag follows only where it was the end of this line: it may be that of work that was started since.
	await tx.query(sql`update line_tags set last_key = ${after}
		where tenant_id = ${tenantId} and pool = ${pool} and capability = ${capability} and last_key = ${before}`);
}

/** In order. Every tagged step of a picture in a pool has the same tag, and its cost is that of all its steps there. */
const readLines = (tx: Session, tenantId: string, pool: string, which: Query = sql``): Promise<Link[]> =>
	tx.query<Link>(sql`select r.job_id as "jobId", r.run_index as "runIndex", r.capability, r.key as "orderKey", coalesce(r.floor_key, 0) as "floorKey", c.predicted_ms as "predictedMs", j.weight
		from (select job_id, run_index, min(order_key) as key, min(id) as id, (array_agg(capability order by id))[1] as capability,
			min(floor_key) as floor_key from tasks
			where tenant_id = ${tenantId} and pool = ${pool} and status = 'ready' ${which} group by job_id, run_index) r
		cross join lateral (select sum(predicted_ms) filter (where status <> 'skipped')::bigint as predicted_ms, max(attempt) as attempts
			from tasks t where t.job_id = r.job_id and t.run_index = r.run_index and t.pool = ${pool}) c
		join jobs j on j.id = r.job_id
		where c.attempts = 0 order by r.key, r.id`);
