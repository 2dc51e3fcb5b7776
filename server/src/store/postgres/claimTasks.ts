import type { Task } from "../../domain/jobs/job.ts";
import type { ClaimedTask, ClaimRequest, EndedStep } from "../../domain/jobs/jobStore.ts";
import type { JsonObject } from "../../domain/json.ts";
import { type Database, sql } from "../sql.ts";
import { placeWorker } from "./placeWorker.ts";
import { taskColumns } from "./rows.ts";
import type { Scheduling } from "./scheduling.ts";

interface ClaimedRow extends Task {
	jobId: string;
	tenantId: string;
	runIndex: number;
	workflow: string;
	workflowVersion: number;
	request: JsonObject;
	seed: number;
	earlier: Record<string, EndedStep>;
}

/** Hands a worker the first tasks of its pool's order that placement allows it now. */
export async function claimTasks(
	database: Database,
	request: ClaimRequest,
	scheduling: Scheduling & { leaseMs: number },
): Promise<ClaimedTask[]> {
	const { workerId, pool, slots, loadedModel } = request;
	if (request.capabilities.length === 0) return [];
	const capabilities = await placeWorker(database, request, scheduling);
	if (capabilities.length === 0) return [];
	const rows =
		await database.query<ClaimedRow>(sql`select ${taskColumns}, t.job_id as "jobId", t.tenant_id as "tenantId", t.run_index as "runIndex",
			c.workflow, c.workflow_version as "workflowVersion", c.request, c.seed, c.earlier
		from claim_tasks(${workerId}, ${pool}, ${capabilities}::text[], ${slots}, ${scheduling.leaseMs}::float8, ${loadedModel}, ${scheduling.liveForMs}::float8) c,
			lateral (select (c.task).*) t`);
	return rows.map((row) => toClaimed(row, workerId));
}

function toClaimed(row: ClaimedRow, workerId: string): ClaimedTask {
	const { jobId, tenantId, runIndex, workflow, workflowVersion, request, seed, earlier, ...task } = row;
	return {
		lease: { taskId: task.id, attempt: task.attempt, workerId },
		...{ jobId, tenantId, task, workflow, workflowVersion, request, earlier },
		run: { index: runIndex, seed },
	};
}
