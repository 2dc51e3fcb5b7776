import { GlassworksError } from "../../domain/errors.ts";
import type { JobDraft } from "../../domain/jobs/jobStore.ts";
import { type Database, json, sql } from "../sql.ts";
import { mailedAs } from "./insertJob.ts";
import { namingBlobs } from "./namingBlobs.ts";

/** Accepts a job that is over at once, with an earlier one's result. False: that result is no longer there, plan again. */
export async function insertCachedJob(database: Database, draft: JobDraft): Promise<boolean> {
	const { runs, mailTo: _mailTo, ...rest } = draft;
	const sent = { ...rest, runs: runs.map(({ index, seed }) => ({ index, seed })) };
	const query = sql`with accepted as materialized (select accept_cached_job(${json(sent)}::jsonb) as answer), ${mailedAs(draft, true)} select answer from accepted`;
	const [row] = await namingBlobs(() => database.query<{ answer: { refused?: string } }>(query));
	if (row?.answer.refused === "unauthenticated") throw new GlassworksError("unauthenticated", "This account no longer exists.");
	return row?.answer.refused === undefined;
}
