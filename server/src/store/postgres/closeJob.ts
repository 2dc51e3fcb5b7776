import type { Failure, JobStatus, RunStatus } from "../../domain/jobs/job.ts";
import { json, type Session, sql } from "../sql.ts";
import { appendEvents } from "./appendEvents.ts";
import { closeForecasts } from "./forecasts.ts";
import { releaseHold } from "./ledger.ts";

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
	const runs = await tx.query<{ status: RunStatus; error: Failure | null }>(
		sql`select status, error from image_runs where job_id = ${jobId} order by index`,
	);
	if (runs.some((run) => run.status === "pending")) return;
	const failed = runs.find((run) => run.status === "failed");
	const status: JobStatus = !failed ? "succeeded" : runs.some((run) => run.status === "succeeded") ? "partial" : "failed";
	await endJob(tx, jobId, status, failed?.error ?? null);
}

export async function endJob(
	tx: Session,
	jobId: string,
	status: "succeeded" | "partial" | "failed" | "cancelled",
	error: Failure | null,
): Promise<void> {
	await tx.query(
		sql`update jobs set status = ${status}, finished_at = clock_timestamp(), error = ${error ? json(error) : null}::jsonb where id = ${jobId}`,
	);
	await releaseHold(tx, jobId);
	await closeForecasts(tx, jobId, status);
	await appendEvents(tx, jobId, [{ type: `job.${status}`, data: error ? { code: error.code, message: error.message } : {} }]);
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
