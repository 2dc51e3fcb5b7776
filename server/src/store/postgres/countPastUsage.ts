import { type Database, type Session, sql } from "../sql.ts";

/** Jobs that one transaction counts: it keeps sums of the day locked meanwhile. */
const batch = 200;
const roundMs = 500;

/**
 * Counts what ended before the database began to count (migration 0013), for half a second. Each job is counted once, whoever is killed when:
 * the sums and how far they reach are written together. Returns whether all is counted.
 */
export async function countPastUsage(database: Database): Promise<boolean> {
	for (const until = performance.now() + roundMs; performance.now() < until; )
		if (!(await database.transaction(countSome))) return (await database.query(sql`select 1 as one from usage_backlog`)).length === 0;
	return false;
}

/** False: nothing is left, or another process is at it. */
async function countSome(tx: Session): Promise<boolean> {
	const [backlog] = await tx.query<{ afterId: string }>(sql`select after_id as "afterId" from usage_backlog for update skip locked`);
	if (!backlog) return false;
	const jobs = await tx.query<{ id: string }>(sql`select id from jobs where id > ${backlog.afterId} order by id limit ${batch}`);
	const last = jobs.at(-1);
	if (!last) {
		await tx.query(sql`delete from usage_backlog`);
		return false;
	}
	await countJobs(
		tx,
		jobs.map(({ id }) => id),
	);
	await tx.query(sql`update usage_backlog set after_id = ${last.id}`);
	return true;
}

/** As the triggers count; by when a picture was charged or, uncharged, when its last step ended. */
async function countJobs(tx: Session, jobIds: string[]): Promise<void> {
	await tx.query(sql`insert into usage_counts as u (tenant_id, span, starts_at, key_id, model, kind, jobs, jobs_failed, pictures, pictures_failed,
			steps, steps_failed, steps_skipped, runtime_ms, charged_micro_usd, cost_micro_usd, quota)
		with past as materialized (select j.*, b.before from jobs j, usage_backlog b where j.id = any(${jobIds}::text[]) and j.created_at <= b.before),
		pictures as materialized (
			select p.tenant_id, p.id as job_id, r.index, r.status, coalesce(p.key_id, '') as key_id, p.model, coalesce(max(t.finished_at), p.finished_at) as ended_at
			from past p join image_runs r on r.job_id = p.id and r.status <> 'pending' left join tasks t on t.job_id = r.job_id and t.run_index = r.index
			group by p.tenant_id, p.id, r.index, r.status, p.key_id, p.model, p.finished_at, p.before
			having coalesce(max(t.finished_at), p.finished_at) <= p.before),
		steps as materialized (
			select p.tenant_id, p.ended_at, p.key_id, t.id, t.model, t.kind, t.status, t.run_ms, t.cost_micro_usd
			from pictures p join tasks t on t.job_id = p.job_id and t.run_index = p.index
			where t.status in ('done', 'failed', 'skipped') or t.cost_micro_usd > 0),
		charged as (
			select l.task_id, coalesce(sum(l.amount_micro_usd) filter (where l.unit = 'usd'), 0) as usd, count(*) filter (where l.unit = 'image') as image,
				count(*) filter (where l.unit = 'inpainting') as inpainting
			from steps s join ledger_entries l on l.task_id = s.id and l.kind = 'settle' group by 1),
		counts as (
			select tenant_id, finished_at as at, coalesce(key_id, '') as key_id, model, '' as kind, 1 as jobs, (status = 'failed')::int as jobs_failed,
				0 as pictures, 0 as pictures_failed, 0 as steps, 0 as steps_failed, 0 as steps_skipped, 0::bigint as run_ms, 0::bigint as usd, 0::bigint as cost,
				0::bigint as image, 0::bigint as inpainting
			from past where finished_at <= before
			union all
			select tenant_id, ended_at, key_id, model, '', 0, 0, (status = 'succeeded')::int, (status = 'failed')::int, 0, 0, 0, 0, 0, 0, 0, 0 from pictures
			union all
			select s.tenant_id, s.ended_at, s.key_id, s.model, s.kind, 0, 0, 0, 0, (s.status = 'done')::int, (s.status = 'failed')::int,
				(s.status = 'skipped')::int, case when s.status = 'done' then coalesce(s.run_ms, 0) else 0 end, coalesce(c.usd, 0), coalesce(s.cost_micro_usd, 0),
				coalesce(c.image, 0), coalesce(c.inpainting, 0)
			from steps s left join charged c on c.task_id = s.id)
		select c.tenant_id, s.span, s.starts_at, c.key_id, c.model, c.kind, sum(c.jobs), sum(c.jobs_failed), sum(c.pictures), sum(c.pictures_failed), sum(c.steps),
			sum(c.steps_failed), sum(c.steps_skipped), sum(c.run_ms), sum(c.usd), sum(c.cost),
			jsonb_strip_nulls(jsonb_build_object('image', nullif(sum(c.image), 0), 'inpainting', nullif(sum(c.inpainting), 0)))
		from counts c, spans_of(c.at) s group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
		on conflict (tenant_id, span, starts_at, key_id, model, kind) do update set jobs = u.jobs + excluded.jobs, jobs_failed = u.jobs_failed + excluded.jobs_failed,
			pictures = u.pictures + excluded.pictures, pictures_failed = u.pictures_failed + excluded.pictures_failed, steps = u.steps + excluded.steps,
			steps_failed = u.steps_failed + excluded.steps_failed, steps_skipped = u.steps_skipped + excluded.steps_skipped,
			runtime_ms = u.runtime_ms + excluded.runtime_ms, charged_micro_usd = u.charged_micro_usd + excluded.charged_micro_usd,
			cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, quota = add_units(u.quota, excluded.quota)`);
}
