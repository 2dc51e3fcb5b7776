import { composeSnapshot, type EndedSteps, type QueueFacts, type Terms } from "../../domain/jobs/composeSnapshot.ts";
import type { QueueReader } from "../../domain/jobs/queueSnapshot.ts";
import { type Database, sql } from "../sql.ts";
import { keepFresh } from "./fresh.ts";
import { isLive } from "./isLive.ts";
import { type QueueIndex, recentMs } from "./queueIndex.ts";

// statement_timestamp, not clock_timestamp: an index can be asked only for what stays the same within a statement.

/** Work that arrived is counted over this long. */
const windowMs = recentMs;

/** `terms` say what each plan's work is due. */
export function createQueueReader(database: Database, options: { index: QueueIndex; liveForMs: number; terms: Terms }): QueueReader {
	const readEnded = keepFresh(() => readEndedSteps(database), 2_000);
	const snapshot = keepFresh(async () => {
		const [pools, workers, running, ended] = await Promise.all([
			readPools(database),
			readWorkers(database, options.liveForMs),
			readRunning(database),
			readEnded(),
		]);
		const lines = await Promise.all(pools.map(async ({ id }) => ({ pool: id, shares: (await options.index.of(id)).all })));
		return composeSnapshot({ asOf: new Date(), pools, workers, running, ended, lines, windowMs }, options.terms);
	}, 1_000);
	return { snapshot };
}

const readPools = (database: Database): Promise<QueueFacts["pools"]> =>
	database.query(sql`select id, paused as "isPaused", coalesce(base, id) as base, tenant_id is not null as "isDedicated",
			left(encode(sha256(convert_to(id || ' ' || coalesce(tenant_id, ''), 'UTF8')), 'hex'), 6) as digest
		from pools order by tenant_id is not null, id`);

const readWorkers = (database: Database, liveForMs: number): Promise<QueueFacts["workers"]> =>
	database.query(sql`select id, left(encode(sha256(convert_to(id, 'UTF8')), 'hex'), 4) as label, pools, capabilities, slots,
			loaded_model as "loadedModel", paused as "isPaused", draining as "isDraining"
		from workers where ${isLive(liveForMs)} order by created_at, id`);

const readRunning = (database: Database): Promise<QueueFacts["running"]> =>
	database.query(sql`select pool, worker_id as "workerId", capability, plan, progress, predicted_ms as "predictedMs",
			extract(epoch from statement_timestamp() - started_at)::float8 * 1000 as "elapsedMs",
			ready_at > statement_timestamp() - ${windowMs}::float8 * interval '1 millisecond' as "isNew"
		from tasks where status = 'running' order by id`);

/** What ended in the last hour, by the index on when it ended. */
const readEndedSteps = (database: Database): Promise<EndedSteps[]> =>
	database.query(sql`select pool,
			count(*) filter (where status = 'done' and finished_at > statement_timestamp() - interval '5 minutes')::int as done5,
			count(*) filter (where status = 'done')::int as done60,
			count(*) filter (where skip_reason = 'overload')::int as shed60,
			coalesce(sum(coalesce(run_ms, predicted_ms)) filter (where status = 'done' and finished_at > statement_timestamp() - ${windowMs}::float8
				* interval '1 millisecond' and ready_at > statement_timestamp() - ${windowMs}::float8 * interval '1 millisecond'), 0)::float8 as "arrivedMs",
			percentile_cont(0.5) within group (order by run_ms) filter (where status = 'done') as "runMs"
		from tasks where status in ('done', 'failed', 'skipped') and finished_at > statement_timestamp() - interval '1 hour' group by pool`);
