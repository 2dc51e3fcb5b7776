import type { AssetStore } from "../domain/jobs/assetStore.ts";
import type { IdempotencyStore } from "../domain/jobs/idempotencyStore.ts";
import type { JobStore } from "../domain/jobs/jobStore.ts";
import type { WorkerStore } from "../domain/jobs/workerStore.ts";
import type { AccountStore } from "../domain/plans/accountStore.ts";
import { createAccountStore } from "./postgres/accounts.ts";
import { createAssetStore } from "./postgres/assets.ts";
import { createIdempotencyStore } from "./postgres/idempotency.ts";
import { createJobStore, type JobStoreOptions } from "./postgres/jobs.ts";
import { createWorkerStore } from "./postgres/workers.ts";
import { type Database, sql } from "./sql.ts";

export interface Stores {
	jobs: JobStore;
	workers: WorkerStore;
	accounts: AccountStore;
	assets: AssetStore;
	idempotency: IdempotencyStore;
	/** A secret shared by every process on this database, made at first use; hex. */
	secret(name: string, make: () => string): Promise<string>;
	/** Ends what a killed process left open: local workers, their leases, requests being answered. Only for a database nobody else can have open. */
	forgetEarlierLife(): Promise<void>;
	/** Whether the database answers. */
	ping(): Promise<void>;
}

/** Every store over one migrated database. The pools of the operator's file are made to exist. */
export async function openStores(database: Database, options: JobStoreOptions & { pools: readonly string[] }): Promise<Stores> {
	await database.query(sql`insert into pools (id) select unnest(${[...options.pools]}::text[]) on conflict do nothing`);
	return {
		jobs: createJobStore(database, options),
		workers: createWorkerStore(database),
		accounts: createAccountStore(database),
		assets: createAssetStore(database),
		idempotency: createIdempotencyStore(database),
		async secret(name, make) {
			await database.query(sql`insert into settings (name, value) values (${name}, ${make()}) on conflict do nothing`);
			const [row] = await database.query<{ value: string }>(sql`select value from settings where name = ${name}`);
			if (!row) throw new Error(`the setting ${name} is missing`);
			return row.value;
		},
		async forgetEarlierLife() {
			await database.query(sql`update tasks set lease_until = clock_timestamp()
				where status = 'running' and worker_id in (select id from workers where kind = 'local')`);
			await database.query(sql`delete from workers where kind = 'local'`);
			await database.query(sql`update idempotency_keys set locked_until = now() where status is null`);
		},
		async ping() {
			await database.query(sql`select 1 as one`);
		},
	};
}
