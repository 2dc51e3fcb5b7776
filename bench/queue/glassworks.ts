import type { Job } from "../../server/src/domain/jobs/job.ts";
import type { ClaimedTask } from "../../server/src/domain/jobs/jobStore.ts";
import type { Capability } from "../../server/src/domain/ports.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { type Database, sql } from "../../server/src/store/sql.ts";
import { openBenchStores } from "../support/benchStores.ts";
import { addTenants, addWorker, capabilityOf, draftJob, type Tenant } from "../support/crowd.ts";
import { fillQueue } from "../support/fillQueue.ts";
import { inLanes } from "../support/statistics.ts";
import type { Claim, Contender } from "./contender.ts";
import { openWaker, type Place } from "./glassworksWaker.ts";

const pool = "gpu";
/** Where the waiting claimer is alone. */
const quietPool = "quiet";

/** Our queue through its own ports: what a submit or a claim costs the server, without HTTP. */
export async function openGlassworks(place: Place, claimers: number, models: readonly string[]): Promise<Contender> {
	const { database, stores } = await openBenchStores(place, [pool, quietPool]);
	const tenants = await addTenants(stores, 40);
	const workers = await Promise.all(Array.from({ length: claimers }, () => addWorker(stores, pool, models)));
	const next = pick(tenants);
	const submit = async (pictures: number, into = pool) => {
		const model = models[Math.floor(Math.random() * models.length)] ?? "";
		const job = await stores.jobs.submit(draftJob({ tenant: next(), pool: into, model, pictures }));
		if (!job) throw new Error("a submit was refused");
		return job;
	};
	const held: ClaimedTask[] = [];
	let waiting: Job[] = [];
	return {
		name: place.databaseUrl ? "Glassworks" : "Glassworks, embedded",
		async load(count) {
			await fillQueue(database, { pool, tenants, models, count });
			waiting = await sampleWaiting(database, stores);
			return count;
		},
		submit: () => submit(1),
		submitTogether: (count) => submit(count),
		submitEach: (count) => inLanes(count, claimers, () => submit(1)),
		claimers: workers.map((workerId) => claimOf(stores, { workerId, capabilities: models.map(capabilityOf) }, held)),
		openWaker: (wire) => openWaker(stores, place, wire, { pool: quietPool, models, submit: () => submit(1, quietPool) }),
		async askPlace() {
			const job = waiting[Math.floor(Math.random() * waiting.length)] as Job;
			if (!(await stores.jobs.waiting([job])).get(job.id)?.place) throw new Error(`no place for ${job.id}`);
		},
		endClaimed: () => end(database, held.splice(0)),
		async tidy() {
			await database.query(sql`vacuum analyze`);
			waiting = await sampleWaiting(database, stores);
		},
		close: () => database.close(),
	};
}

/** One after the other, for ever. */
function pick(tenants: readonly Tenant[]): () => Tenant {
	let turn = 0;
	return () => tenants[turn++ % tenants.length] as Tenant;
}

function claimOf(stores: Stores, worker: { workerId: string; capabilities: Capability[] }, held: ClaimedTask[]): Claim {
	let loadedModel: string | null = null;
	return async (slots) => {
		const claimed = await stores.jobs.claim({ ...worker, pool, loadedModel, slots });
		held.push(...claimed);
		loadedModel = claimed.at(-1)?.task.model ?? loadedModel;
		return claimed.length;
	};
}

/** Jobs from all over the line. */
async function sampleWaiting(database: Database, stores: Stores): Promise<Job[]> {
	const rows = await database.query<{ id: string; tenantId: string }>(sql`select job_id as id, tenant_id as "tenantId" from tasks
		where pool = ${pool} and status = 'ready' and job_id like 'job_bulk%' order by md5(job_id) limit 100`);
	return Promise.all(rows.map(({ id, tenantId }) => stores.jobs.get(tenantId, id)));
}

/** What finishing these tasks would leave, short of their events and bills. */
async function end(database: Database, claimed: readonly ClaimedTask[]): Promise<void> {
	const taskIds = claimed.map(({ lease }) => lease.taskId);
	const jobIds = [...new Set(claimed.map(({ jobId }) => jobId))];
	await database.query(
		sql`update tasks set status = 'done', lease_until = null, finished_at = clock_timestamp() where id = any(${taskIds}::bigint[])`,
	);
	await database.query(sql`update image_runs r set status = 'succeeded' from tasks t
		where t.id = any(${taskIds}::bigint[]) and r.job_id = t.job_id and r.index = t.run_index`);
	await database.query(sql`update jobs j set status = 'succeeded', finished_at = clock_timestamp()
		where j.id = any(${jobIds}::text[]) and not exists (select 1 from tasks t where t.job_id = j.id and t.status = 'ready')`);
}
