import { type Database, sql } from "../sql.ts";
import { keepForecasts } from "./forecasts.ts";
import type { JobStoreOptions } from "./jobs.ts";
import type { PoolIndex } from "./queueIndex.ts";
import { readJobs } from "./rows.ts";
import { readWaiting } from "./waiting.ts";

/** Jobs asked in one round, a second apart: waiting ones of each pool, and running ones. */
const perRound = 3;
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
		const index = await options.index.of(pool);
		if (index.marks.length === 0) continue;
		for (let asked = 0; asked < perRound; asked++)
			for (const { id } of await pickOne(database, pool, randomKey(index, options))) ids.add(id);
	}
	for (const { id } of await database.query<{ id: string }>(
		sql`select job_id as id from tasks where status = 'running' order by random() limit ${perRound}`,
	))
		ids.add(id);
	if (ids.size === 0) return;
	const jobs = await readJobs(
		database,
		sql`where j.id = any(${[...ids]}::text[]) and (select count(*) from forecasts f where f.job_id = j.id and f.actual_ms is null) < ${perJob}`,
	);
	await keepForecasts(database, await readWaiting(database, jobs, options));
	await database.query(
		sql`delete from forecasts where id in (select id from forecasts where made_at < statement_timestamp() - ${keptFor}::interval limit 1000)`,
	);
}

/** Somewhere in the line: every stretch has about as many tasks. */
function randomKey({ marks }: PoolIndex, { random }: JobStoreOptions): number {
	const stretch = Math.floor(random() * marks.length);
	const [low, high] = [marks[stretch - 1] ?? 0, marks[stretch] ?? 0];
	return Math.floor(low + random() * (high - low));
}

const pickOne = (database: Database, pool: string, key: number): Promise<{ id: string }[]> =>
	database.query(sql`select job_id as id from tasks where pool = ${pool} and status = 'ready' and order_key > 0 and order_key >= ${key}
		order by order_key, id limit 1`);
