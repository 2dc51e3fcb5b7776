import { setTimeout as delay } from "node:timers/promises";
import type { Job } from "../../server/src/domain/jobs/job.ts";
import { type Database, sql } from "../../server/src/store/sql.ts";
import { type Change, pool, runnableCapabilities, type Setting } from "./setting.ts";

/** One place as told, beside a count of the tasks before it a moment later. */
export interface Comparison {
	told: number;
	counted: number;
	/** Milliseconds since 1970: what the told place is as of, and the count. */
	asOf: number;
	at: number;
}

/** Null when the job had left the line. */
export async function compare({ database, stores }: Setting, job: Job): Promise<Comparison | null> {
	const answer = (await stores.jobs.waiting([job])).get(job.id);
	const task = job.runs[0]?.tasks[0];
	if (!answer?.place || !task) return null;
	const { ahead, at } = await countAhead(database, task.id);
	return { told: answer.place, counted: ahead + 1, asOf: answer.asOf.getTime(), at: at.getTime() };
}

/** By brute force. Everything it saw was committed before `at`: the transaction's snapshot is older than its first clock reading. */
async function countAhead(database: Database, taskId: number): Promise<{ ahead: number; at: Date }> {
	return database.transaction(async (tx) => {
		await tx.query(sql`set transaction isolation level repeatable read`);
		const [clock] = await tx.query<{ at: Date }>(sql`select clock_timestamp() as at`);
		const [row] = await tx.query<{ ahead: number }>(sql`select count(*) as ahead from tasks
			where pool = ${pool} and status = 'ready' and capability = any(${runnableCapabilities}::text[])
				and (order_key, id) < (select order_key, id from tasks where id = ${taskId})`);
		if (!clock || !row) throw new Error("count(*) returned nothing");
		return { ahead: row.ahead, at: clock.at };
	});
}

export const difference = ({ told, counted }: Comparison): number => Math.abs(told - counted);

/** Submits and claims between answer and count: as far as the two may lie apart. */
export function changesBetween({ asOf, at }: Comparison, changes: readonly Change[]): number {
	return changes.filter(({ from, to }) => to >= asOf && from <= at + 1).length;
}

/** Waits until answers are younger than now. @throws {Error} after a minute: then they are never refreshed */
export async function waitForRefresh({ stores }: Setting, job: Job): Promise<number> {
	const since = Date.now();
	for (; Date.now() < since + 60_000; await delay(100)) {
		const told = (await stores.jobs.waiting([job])).get(job.id);
		if (told && told.asOf.getTime() > since) return Date.now() - since;
	}
	throw new Error("the place was still as of before the queue stood still");
}
