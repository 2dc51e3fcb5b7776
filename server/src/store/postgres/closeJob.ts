import type { Failure } from "../../domain/jobs/job.ts";
import { json, type Session, sql } from "../sql.ts";
import { appendEvents } from "./appendEvents.ts";

/**
 * A picture that cannot be made: what waited for the failed step never runs, steps beside it lose their lease, and nothing of it is charged.
 * Returns the ids of the tasks that were running.
 */
export async function failRun(tx: Session, jobId: string, runIndex: number, failure: Failure): Promise<number[]> {
	await tx.query(
		sql`update image_runs set status = 'failed', error = ${json(failure)}::jsonb where job_id = ${jobId} and index = ${runIndex}`,
	);
	const running = await tx.query<{ id: number }>(
		sql`select id from tasks where job_id = ${jobId} and run_index = ${runIndex} and status = 'running' order by id for update`,
	);
	await tx.query(sql`update tasks set status = 'cancelled', lease_until = null, finished_at = clock_timestamp()
		where job_id = ${jobId} and run_index = ${runIndex} and status in ('waiting', 'scheduled', 'ready', 'running')`);
	await appendEvents(tx, jobId, [{ type: "image.failed", data: { n: runIndex, code: failure.code, message: failure.message } }]);
	return running.map((task) => task.id);
}

/** Ends the job once no picture is pending: status, release of what is left of the hold, event. Does nothing before. */
export async function closeJob(tx: Session, jobId: string): Promise<void> {
	await tx.query(sql`select close_job(${jobId})`);
}

/** Lets the tenant's next pictures take the places that ended ones left. Returns the pools that have work now. The tenant's row must be locked. */
export async function fillPlaces(
	tx: Session,
	{ tenantId, runningCap }: { tenantId: string; runningCap: number | null },
): Promise<string[]> {
	if (runningCap === null) return [];
	const [row] = await tx.query<{ pools: string[] }>(sql`select fill_places(${tenantId}, ${runningCap}) as pools`);
	return row?.pools ?? [];
}
