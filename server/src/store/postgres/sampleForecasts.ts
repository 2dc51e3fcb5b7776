import { type Database, sql } from "../sql.ts";
import { keepForecast } from "./forecasts.ts";
import type { JobStoreOptions } from "./jobs.ts";
import { readJobs } from "./rows.ts";
import { readWaiting } from "./waiting.ts";

/** Jobs asked in one round, a second apart. */
const perRound = 5;
/** Open forecasts of one job: it is asked now and then while it waits, as its owner would. */
const perJob = 4;
const keptFor = "14 days";

/**
 * Asks a few jobs, picked at random places of every pool's line and among those running, how long they will take, and keeps the answer. What
 * becomes of it is the measure of every later range, so it must be asked by chance and not only when somebody looks.
 */
export async function sampleForecasts(database: Database, options: JobStoreOptions): Promise<void> {
	const ids = new Set<string>();
	for (const { id: pool } of await database.query<{ id: string }>(sql`select id from pools`)) {
		const { marks, all } = await options.index.of(pool);
		const waiting = all.reduce((sum, share) => sum + share.count, 0);
		if (waiting === 0) continue;
		for (let asked = 0; asked < Math.min(perRound, waiting); asked++)
			for (const id of await pickOne(
				database,
				pool,
				marks[Math.floor(options.random() * marks.length) - 1] ?? -1,
				options.random(),
				waiting,
			))
				ids.add(id);
	}
	for (const { id } of await database.query<{ id: string }>(
		sql`select distinct job_id as id from tasks where status = 'running' limit ${perRound}`,
	))
		ids.add(id);
	if (ids.size === 0) return;
	const jobs = await readJobs(
		database,
		sql`where j.id = any(${[...ids]}::text[]) and (select count(*) from forecasts f where f.job_id = j.id and f.actual_ms is null) < ${perJob}`,
	);
	for (const [id, { pool, eta }] of await readWaiting(database, jobs, options)) if (eta) await keepForecast(database, id, pool, eta);
	await database.query(
		sql`delete from forecasts where id in (select id from forecasts where made_at < statement_timestamp() - ${keptFor}::interval limit 1000)`,
	);
}

/** A task within a thousand places behind a mark. */
function pickOne(database: Database, pool: string, mark: number, chance: number, waiting: number): Promise<string[]> {
	const skip = Math.floor(chance * Math.min(waiting, 1_000));
	return database
		.query<{
			id: string;
		}>(sql`select job_id as id from tasks where pool = ${pool} and status = 'ready' and order_key > 0 and order_key > ${mark}
			order by order_key, id offset ${skip} limit 1`)
		.then((rows) => rows.map((row) => row.id));
}
