import { sha256Of } from "../../src/store/blobs/blobName.ts";
import { createFsBlobs } from "../../src/store/blobs/fsBlobs.ts";
import { readBalance } from "../../src/store/postgres/ledger.ts";
import { verifyLedger } from "../../src/store/postgres/ledgerAudit.ts";
import { readJobs } from "../../src/store/postgres/rows.ts";
import { type Database, sql } from "../../src/store/sql.ts";

/** What was promised to the tenant. */
export interface Promised {
	tenantId: string;
	creditMicroUsd: number;
	priceMicroUsd: number;
	/** Job id by Idempotency-Key, as the API answered. */
	accepted: ReadonlyMap<string, string>;
	blobsDir: string;
}

type FinishedJob = Awaited<ReturnType<typeof readJobs>>[number];

interface LedgerRow {
	jobId: string;
	taskId: number | null;
	kind: string;
	amount: number;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const endings = ["job.succeeded", "job.partial", "job.failed", "job.cancelled"];

/** Everything in the database and the blob folder that is not as promised, one line each. Empty: every job ended once and was paid once. */
export async function findBrokenPromises(database: Database, promised: Promised): Promise<string[]> {
	const jobs = await readJobs(database, sql`where j.tenant_id = ${promised.tenantId} order by j.id`);
	const ledger = await database.query<LedgerRow>(sql`select job_id as "jobId", task_id as "taskId", kind, amount_micro_usd as amount
		from ledger_entries where tenant_id = ${promised.tenantId} and job_id is not null`);
	const events = await database.query<{ jobId: string; seq: number; type: string }>(
		sql`select job_id as "jobId", seq, type from job_events where tenant_id = ${promised.tenantId} order by job_id, seq`,
	);
	const ledgerOf = Map.groupBy(ledger, (row) => row.jobId);
	const eventsOf = Map.groupBy(events, (event) => event.jobId);
	const problems = await findMiscounted(database, jobs, promised);
	for (const finding of (await verifyLedger(database)).findings) problems.push(`the books: ${JSON.stringify(finding)}`);
	for (const job of jobs) {
		const found = [
			...(job.status === "succeeded" ? [] : [`ended as ${job.status}: ${job.error?.code}`]),
			...wrongEvents(eventsOf.get(job.id) ?? [], job.runs.length),
			...wrongBooks(job, ledgerOf.get(job.id) ?? [], promised.priceMicroUsd),
			...(await wrongPictures(job, promised)),
		];
		problems.push(...found.map((problem) => `${job.id}: ${problem}`));
	}
	const settled = sumOf(ledger, "settle");
	const balance = await readBalance(database, promised.tenantId);
	if (balance.heldMicroUsd !== 0) problems.push(`${balance.heldMicroUsd} is still held`);
	if (balance.creditMicroUsd !== promised.creditMicroUsd - settled)
		problems.push(`credit is ${balance.creditMicroUsd} after ${settled} of ${promised.creditMicroUsd} was charged`);
	return problems;
}

/** Jobs that were accepted and are missing, or are there and were never asked for, or were made twice from one key. */
async function findMiscounted(database: Database, jobs: FinishedJob[], { tenantId, accepted }: Promised): Promise<string[]> {
	const problems: string[] = [];
	const ids = new Set(jobs.map((job) => job.id));
	for (const [key, id] of accepted) if (!ids.has(id)) problems.push(`${id}, accepted for ${key}, is lost`);
	if (new Set(accepted.values()).size !== accepted.size) problems.push("one job was answered to two keys");
	if (jobs.length !== accepted.size) problems.push(`there are ${jobs.length} jobs for ${accepted.size} requests`);
	const kept = await database.query<{ key: string; jobId: string | null }>(
		sql`select key, job_id as "jobId" from idempotency_keys where tenant_id = ${tenantId}`,
	);
	for (const { key, jobId } of kept)
		if (accepted.get(key) !== jobId) problems.push(`${key} is bound to ${jobId} and was answered ${accepted.get(key)}`);
	return problems;
}

function wrongEvents(events: { seq: number; type: string }[], pictures: number): string[] {
	const types = events.map((event) => event.type);
	const problems: string[] = [];
	if (events.some((event, index) => event.seq !== index + 1)) problems.push(`events are numbered ${events.map((event) => event.seq)}`);
	if (types.filter((type) => endings.includes(type)).length !== 1 || !endings.includes(types.at(-1) ?? ""))
		problems.push(`does not end exactly once: ${types.join(", ")}`);
	if (types.filter((type) => type === "image.succeeded").length !== pictures) problems.push(`pictures announced: ${types.join(", ")}`);
	return problems;
}

function wrongBooks(job: FinishedJob, rows: LedgerRow[], priceMicroUsd: number): string[] {
	const problems: string[] = [];
	for (const kind of ["hold", "release"]) {
		const times = rows.filter((row) => row.kind === kind).length;
		if (times !== 1) problems.push(`${times} entries of kind ${kind}`);
	}
	for (const task of job.runs.flatMap((run) => run.tasks)) {
		const times = rows.filter((row) => row.kind === "settle" && row.taskId === task.id).length;
		const isEnded = task.status === "done" || task.status === "skipped";
		if (!isEnded || times !== (task.status === "done" ? 1 : 0))
			problems.push(`step ${task.stepId}, ${task.status}, was charged ${times} times`);
	}
	const [held, settled, released] = [sumOf(rows, "hold"), sumOf(rows, "settle"), sumOf(rows, "release")];
	if (held !== settled + released) problems.push(`held ${held}, charged ${settled}, released ${released}`);
	if (settled !== priceMicroUsd) problems.push(`charged ${settled}, the price is ${priceMicroUsd}`);
	return problems;
}

async function wrongPictures(job: FinishedJob, { blobsDir }: Promised): Promise<string[]> {
	const blobs = createFsBlobs(blobsDir);
	const problems: string[] = [];
	for (const run of job.runs) {
		const picture = run.tasks.find((task) => task.stepId === "encode")?.outputs.image;
		const bytes = picture && (await blobs.get(job.tenantId, picture.sha256).catch(() => null));
		if (!bytes) problems.push(`picture ${run.index} is lost`);
		else if (sha256Of(bytes) !== picture.sha256 || !Buffer.from(bytes.subarray(0, 8)).equals(pngSignature))
			problems.push(`picture ${run.index} is damaged`);
	}
	return problems;
}

function sumOf(rows: LedgerRow[], kind: string): number {
	return rows.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.amount, 0);
}
