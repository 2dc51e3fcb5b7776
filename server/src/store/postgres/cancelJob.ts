import { GlassworksError } from "../../domain/errors.ts";
import { endedJobStatuses, type JobStatus } from "../../domain/jobs/job.ts";
import type { FinishEffects } from "../../domain/jobs/jobStore.ts";
import { type Database, sql } from "../sql.ts";
import { fillPlaces } from "./closeJob.ts";
import { type GoneLink, giveBackTags } from "./rechain.ts";

interface LockedTask {
	id: number;
	runIndex: number;
	pool: string;
	capability: string;
	status: string;
	attempt: number;
	orderKey: number | null;
	predictedMs: number;
}

/** Ends a job at once. Running steps lose their lease, so whatever they still write is refused; nothing unfinished is charged. */
export async function cancelJob(database: Database, tenantId: string, jobId: string): Promise<FinishEffects> {
	return database.transaction(async (tx) => {
		await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
		const tasks =
			await tx.query<LockedTask>(sql`select id, run_index as "runIndex", pool, capability, status, attempt, order_key as "orderKey", predicted_ms as "predictedMs"
			from tasks where job_id = ${jobId} and tenant_id = ${tenantId} order by id for update`);
		const [job] = await tx.query<{ status: JobStatus; weight: number; runningCap: number | null }>(
			sql`select status, weight, running_cap as "runningCap" from jobs where id = ${jobId} and tenant_id = ${tenantId} for update`,
		);
		if (!job) throw new GlassworksError("not_found", `No job ${jobId}.`);
		if (job.status === "cancelled") return { jobIds: [], pools: [], stoppedTaskIds: [] };
		if (endedJobStatuses.includes(job.status))
			throw new GlassworksError("job_not_cancellable", `The job had already ended: ${job.status}.`);
		await tx.query(sql`update tasks set status = 'cancelled', lease_until = null, finished_at = clock_timestamp()
			where job_id = ${jobId} and status in ('waiting', 'scheduled', 'ready', 'running')`);
		await tx.query(sql`update image_runs set status = 'cancelled' where job_id = ${jobId} and status = 'pending'`);
		await giveBackTags(tx, tenantId, untouchedRuns(jobId, job.weight, tasks));
		await tx.query(sql`select end_job(${jobId}, 'cancelled', null)`);
		const filled = await fillPlaces(tx, { tenantId, runningCap: job.runningCap });
		return {
			jobIds: [jobId],
			pools: [...new Set([...tasks.map((task) => task.pool), ...filled])],
			stoppedTaskIds: tasks.filter((task) => task.status === "running").map((task) => task.id),
		};
	});
}

/** Only runs that no worker ever touched in a pool give their place back there. */
function untouchedRuns(jobId: string, weight: number, tasks: readonly LockedTask[]): GoneLink[] {
	const groups = Object.values(Object.groupBy(tasks, (task) => `${task.runIndex} ${task.pool}`));
	return groups.flatMap((group) => {
		const tagged = group?.find((task) => task.orderKey !== null);
		if (!group || !tagged?.orderKey || group.some((task) => task.attempt > 0)) return [];
		const predictedMs = group.filter((task) => task.status !== "skipped").reduce((sum, task) => sum + task.predictedMs, 0);
		const { pool, capability, orderKey } = tagged;
		return [{ jobId, pool, capability, orderKey, predictedMs, weight }];
	});
}
