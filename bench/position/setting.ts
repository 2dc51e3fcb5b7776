import type { Job } from "../../server/src/domain/jobs/job.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { type Database, sql } from "../../server/src/store/sql.ts";
import { openBenchStores } from "../support/benchStores.ts";
import { addTenants, addWorker, capabilityOf, type Tenant } from "../support/crowd.ts";
import { fillQueue } from "../support/fillQueue.ts";

export const pool = "gpu";
/** Nobody can run the last one: its tasks must not count. */
export const models = ["sdxl", "flux", "sd35", "tiny", "anime", "orphan"];
const runnable = models.slice(0, -1);
export const runnableCapabilities = runnable.map(capabilityOf);

export interface WorkerOfBench {
	id: string;
	models: readonly string[];
}

/** A submit or claim: the line changed somewhere between the two moments (milliseconds since 1970). */
export interface Change {
	from: number;
	to: number;
}

/** A queue with a backlog, and workers of which some can run only some models. */
export interface Setting {
	database: Database;
	stores: Stores;
	/** Half of them wait since the start; the others come new, so that submits land everywhere in the line. */
	tenants: Tenant[];
	workers: WorkerOfBench[];
	/** All there were since the backlog was put in. */
	changes: Change[];
}

export async function openSetting(databaseUrl: string, tasks: number): Promise<Setting> {
	const { database, stores } = await openBenchStores({ databaseUrl, dataDir: "" }, [pool]);
	const tenants = await addTenants(stores, 80);
	await fillQueue(database, { pool, tenants: tenants.slice(0, 40), models, count: tasks });
	const skills = [runnable, runnable, runnable, runnable, ["sdxl", "tiny"], ["flux"], ["sd35", "anime"], ["tiny"]];
	const workers: WorkerOfBench[] = [];
	for (const models of skills) workers.push({ id: await addWorker(stores, pool, models), models });
	return { database, stores, tenants, workers, changes: [] };
}

/** Random waiting jobs that some worker can run, from behind the first `ahead` places: those will be claimed while we ask. */
export async function sampleWaiting({ database, stores }: Setting, count: number, ahead: number): Promise<Job[]> {
	const rows = await database.query<{ id: string; tenantId: string }>(sql`select job_id as id, tenant_id as "tenantId" from tasks
		where pool = ${pool} and status = 'ready' and capability = any(${runnableCapabilities}::text[]) and order_key >
			(select order_key from tasks where pool = ${pool} and status = 'ready' order by order_key, id offset ${ahead}::int limit 1)
		order by random() limit ${count}`);
	return Promise.all(rows.map(({ id, tenantId }) => stores.jobs.get(tenantId, id)));
}
