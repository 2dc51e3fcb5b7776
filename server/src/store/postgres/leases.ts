import { GlassworksError } from "../../domain/errors.ts";
import type { Lease, LeasedStep } from "../../domain/jobs/jobStore.ts";
import { type Session, sql } from "../sql.ts";

const leased = sql`tenant_id as "tenantId", job_id as "jobId", step_id as "stepId", run_index as "runIndex"`;
const isLive = ({ taskId, attempt, workerId }: Lease) =>
	sql`id = ${taskId} and attempt = ${attempt} and worker_id = ${workerId} and status = 'running'`;

export function leaseLost(): GlassworksError {
	return new GlassworksError("lease_lost", "The task was cancelled or given to another attempt: stop working on it.");
}

export async function extendLease(session: Session, lease: Lease, progress: number, leaseMs: number): Promise<LeasedStep> {
	const [row] = await session.query<LeasedStep>(sql`update tasks
		set lease_until = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond', progress = greatest(progress, least(1, ${progress}::float8))
		where ${isLive(lease)} returning ${leased}`);
	if (!row) throw leaseLost();
	return row;
}

export async function readLease(session: Session, lease: Lease): Promise<LeasedStep> {
	const [row] = await session.query<LeasedStep>(sql`select ${leased} from tasks where ${isLive(lease)}`);
	if (!row) throw leaseLost();
	return row;
}
