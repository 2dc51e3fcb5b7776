import type { ModelFacts, ModelFactsReader } from "../../domain/jobs/modelFacts.ts";
import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";

/** The newest this many steps are looked at; `since` says how far back they reach. */
const lookedAt = 50_000;
const maxAgeMs = 5_000;

/** `loadMs` tells what is known about loading a model; null: nothing. */
export function createModelFactsReader(database: Database, loadMs: () => Promise<(model: string) => number | null>): ModelFactsReader {
	return {
		read: keepFresh(async () => {
			const [rows, loads] = await Promise.all([readFacts(database), loadMs()]);
			return new Map(rows.map(({ model, ...facts }) => [model, { ...facts, loadMs: loads(model) }]));
		}, maxAgeMs),
	};
}

const readFacts = (database: Database): Promise<(Omit<ModelFacts, "loadMs"> & { model: string })[]> =>
	database.query(sql`with lately as (
			select model, kind, status, run_ms, loads_model, attempt, ready_at, started_at, finished_at from tasks
			where status in ('done', 'failed', 'skipped') and finished_at > statement_timestamp() - interval '24 hours'
			order by finished_at desc limit ${lookedAt}),
		reach as (select case when count(*) < ${lookedAt} then statement_timestamp() - interval '24 hours' else min(finished_at) end as since from lately)
		select model,
			percentile_cont(0.5) within group (order by run_ms) filter (where status = 'done' and not loads_model)::float8 as "runMs",
			percentile_cont(0.5) within group (order by extract(epoch from started_at - ready_at) * 1000) filter (where attempt = 1)::float8 as "waitP50Ms",
			percentile_cont(0.95) within group (order by extract(epoch from started_at - ready_at) * 1000) filter (where attempt = 1)::float8 as "waitP95Ms",
			count(*) filter (where status = 'failed')::float8 / nullif(count(*), 0) as "failureRate",
			count(*)::int as samples, (select since from reach) as since
		from lately where kind in ('generate', 'inpaint') and status in ('done', 'failed') group by model`);
