import type { Job } from "../../domain/jobs/job.ts";
import type { JobDraft } from "../../domain/jobs/jobStore.ts";
import type { Waiting } from "../../domain/jobs/queueView.ts";
import { type Database, json, sql } from "../sql.ts";
import { linesOf, toJob, variantsOf } from "./insertJob.ts";
import { foreseeWaiting, type Outlooks } from "./waiting.ts";

/** Where a job would stand and when it would be done if it were accepted now. Nothing is written. Null: there is nothing to wait for. */
export async function foresee(database: Database, draft: JobDraft, outlooks: Outlooks): Promise<Waiting | null> {
	const workflow = await outlooks.readWorkflow(database, draft.workflow, draft.workflowVersion);
	if (!workflow || draft.runs.length === 0) return null;
	const { lists, variants } = variantsOf(draft, workflow);
	const lines = linesOf(variants[0] ?? []);
	const { now, taken, tags } = await readTags(database, draft, lines);
	const isLater = draft.runAfter !== null && draft.runAfter > now;
	const freePlaces = draft.runningCap === null || isLater ? draft.runs.length : Math.max(0, draft.runningCap - taken);
	// Behind whatever has the same tag already.
	let id = Number.MAX_SAFE_INTEGER - draft.runs.length * (variants[0]?.length ?? 0);
	const tasks = draft.runs.flatMap((run, place) =>
		(variants[lists.indexOf(run.tasks)] ?? []).map(({ first, pool }): [number, number | null, boolean] => {
			const tag = tags.find((entry) => entry.pool === pool);
			return [id++, first && !isLater && tag ? tag.base + (place + 1) * tag.cost : null, place < freePlaces];
		}),
	);
	const job: Job = toJob(draft, variants, lists, { createdAt: now.toISOString(), status: isLater ? "scheduled" : "queued", tasks });
	return foreseeWaiting(database, job, outlooks);
}

interface Tag {
	pool: string;
	/** The line's last tag. */
	base: number;
	cost: number;
}

/** What accept_job would reckon with. */
async function readTags(database: Database, { tenantId, weight }: JobDraft, lines: ReturnType<typeof linesOf>) {
	const [row] = await database.query<{ now: Date; taken: number; tags: Tag[] | null }>(sql`select clock_timestamp() as now,
			places_taken(${tenantId}) as taken, (select jsonb_agg(jsonb_build_object('pool', l.pool, 'cost', virtual_cost(l."predictedMs", ${weight}::float8),
				'base', greatest(floor_tag(${tenantId}, l.pool, l.capability), (select last_key from line_tags t where t.tenant_id = ${tenantId}
					and t.pool = l.pool and t.capability = l.capability))))
			from jsonb_to_recordset(${json(lines)}::jsonb) as l(pool text, capability text, "predictedMs" bigint)) as tags`);
	return { now: row?.now ?? new Date(), taken: row?.taken ?? 0, tags: row?.tags ?? [] };
}
