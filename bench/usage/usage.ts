// `node tools/node24.js bench/usage/usage.ts [--tasks 1000000]`: how fast usage is read over a million ended steps, how long counting what
// ended before takes, and what keeping the sums adds to the end of a picture.
import { parseArgs } from "node:util";
import type { UsageGroup, UsageQuery } from "../../server/src/domain/usage/usage.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { type Database, sql } from "../../server/src/store/sql.ts";
import { openBenchStores } from "../support/benchStores.ts";
import { describeMachine } from "../support/machine.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { median, round } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { withCleanUp } from "../support/withCleanUp.ts";

const { values } = parseArgs({ options: { tasks: { type: "string", default: "1000000" } } });
const tasks = Number(values.tasks);
const stepsPerPicture = 5;
const tenants = 200;
/** One has a third of everything, as large accounts do. */
const largest = "ten_1";
const all = { keyId: null, model: null, step: null, limit: 100, after: null };

/** Ended one-picture jobs over 90 days, five steps each, charged. Counting is off while they are written. */
async function fill(database: Database): Promise<void> {
	const jobs = Math.ceil(tasks / stepsPerPicture);
	await database.query(
		sql`insert into tenants (id, name, plan) select 'ten_' || n, 'Tenant', 'pro' from generate_series(1, ${tenants}::int) n`,
	);
	await database.query(sql`alter table jobs disable trigger user`);
	await database.query(sql`alter table image_runs disable trigger user`);
	await database.query(sql`alter table ledger_entries disable trigger user`);
	const at = sql`now() - (n::float8 / ${jobs}::int) * interval '90 days'`;
	const whose = sql`'ten_' || case when n % 3 = 0 then 1 else 1 + n % ${tenants}::int end`;
	const rows = sql`from generate_series(1, ${jobs}::int) n`;
	await database.query(sql`insert into jobs (id, tenant_id, key_id, status, workflow, workflow_version, model, plan, weight, request, metadata, quote,
			held_micro_usd, created_at, finished_at)
		select 'job_' || n, ${whose}, 'key_' || n % 7, case when n % 50 = 0 then 'failed' else 'succeeded' end, 'picture', 1, 'model_' || n % 4, 'pro', 3,
			'{}', '{}', '{}', 100, ${at}, ${at} ${rows}`);
	await database.query(sql`insert into image_runs (job_id, index, tenant_id, seed, status)
		select 'job_' || n, 0, ${whose}, 1, case when n % 50 = 0 then 'failed' else 'succeeded' end ${rows}`);
	await database.query(sql`insert into tasks (job_id, run_index, tenant_id, step_id, kind, model, capability, pool, optional, needs, status, predicted_ms,
			price_micro_usd, max_attempts, run_ms, cost_micro_usd, finished_at)
		select 'job_' || n, 0, ${whose}, k, k, case when k = 'generate' then 'model_' || n % 4 else k end, k, 'gpu', false, '{}',
			case when n % 50 = 0 then 'failed' when k = 'restore_faces' and n % 3 = 0 then 'skipped' else 'done' end, 1, 20, 5, 900, 7, ${at}
		${rows}, unnest(array['generate', 'detect_faces', 'restore_faces', 'upscale', 'encode']) k`);
	await database.query(sql`insert into ledger_entries (tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd)
		select tenant_id, job_id, id, 'settle', 'held', 'revenue', 20 from tasks t
		where status = 'done' and exists (select 1 from image_runs r where r.job_id = t.job_id and r.status = 'succeeded')`);
	for (const table of [sql`jobs`, sql`image_runs`, sql`ledger_entries`])
		await database.query(sql`alter table ${table} enable trigger user`);
	await database.query(sql`vacuum analyze`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const from = performance.now();
	await work();
	return performance.now() - from;
}

async function countPast(database: Database, usage: Stores["usage"]): Promise<number> {
	await database.query(sql`insert into usage_backlog (before) values (clock_timestamp())`);
	const ms = await timed(async () => {
		while (!(await usage.countPast()));
	});
	await database.query(sql`vacuum analyze usage_counts`);
	return ms;
}

/** The middle of five reads of page and total, as a request makes them. */
async function readMs({ usage }: Stores, tenantId: string | null, groupBy: UsageGroup[], days: number, timeZone: string): Promise<number> {
	const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
	const query: UsageQuery = { ...all, tenantId, groupBy, timeZone, from: day(days), to: day(-1) };
	const times: number[] = [];
	for (let n = 0; n < 5; n++)
		times.push(await timed(() => Promise.all([usage.read(query), usage.total({ ...query, isOfSteps: groupBy.includes("step") })])));
	return median(times);
}

/** The middle time of ending a picture of five steps, with the counting and without it, by turns. */
async function endingMs(database: Database): Promise<{ counted: number; uncounted: number }> {
	const times: Record<string, number[]> = { enable: [], disable: [] };
	for (let n = 0; n < 400; n++) {
		const how = n % 2 === 0 ? "enable" : "disable";
		await database.query(n % 2 === 0 ? sql`alter table image_runs enable trigger user` : sql`alter table image_runs disable trigger user`);
		await database.query(sql`update image_runs set status = 'pending' where job_id = ${`job_${n + 1}`}`);
		const ms = await timed(() =>
			database.transaction((tx) => tx.query(sql`update image_runs set status = 'succeeded' where job_id = ${`job_${n + 1}`}`)),
		);
		times[how]?.push(ms);
	}
	return { counted: median(times.enable ?? []), uncounted: median(times.disable ?? []) };
}

await withCleanUp(async (later) => {
	const server = await openServer.postgres();
	later(() => server.close());
	const { url, drop } = await createDatabase(server.url);
	later(drop);
	const { database, stores } = await openBenchStores({ databaseUrl: url, dataDir: "" }, ["gpu"]);
	later(() => database.close());
	for (const line of await describeMachine({ postgresUrl: url, redisUrl: null })) console.log(line);
	await fill(database);
	const pastMs = await countPast(database, stores.usage);
	const [sums] = await database.query<{ rows: number }>(sql`select count(*) as rows from usage_counts`);
	console.log(`${tasks} steps of ${tenants} accounts over 90 days: counted in ${round(pastMs / 1_000)} s into ${sums?.rows} sums`);
	const rows: string[][] = [["usage of", "by", "days", "ms in UTC", "ms in Berlin"]];
	for (const [tenantId, name] of [
		["ten_2", "a small account"],
		[largest, "the largest account (a third)"],
		[null, "everybody"],
	] as const)
		for (const [groupBy, days] of [
			[["day"], 30],
			[["day", "model"], 90],
			[["day", "key", "model", "step"], 90],
		] as [UsageGroup[], number][])
			rows.push([
				name,
				groupBy.join(),
				String(days),
				round(await readMs(stores, tenantId, groupBy, days, "UTC")),
				round(await readMs(stores, tenantId, groupBy, days, "Europe/Berlin")),
			]);
	printTable(rows);
	const { counted, uncounted } = await endingMs(database);
	console.log(`ending a picture of five steps: ${round(uncounted)} ms without counting, ${round(counted)} ms with it`);
});
