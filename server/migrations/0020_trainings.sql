-- For: LoRA trainings. A training is a job of one run with one step; what it is called, and the file that came of it, is kept here, for its tenant alone.
-- Locks: the table is new. Triggers on jobs, tasks, image_runs and job_events are made under locks that stop their writers for an instant.
-- Safe while old code runs: it trains nothing.

create table trainings (
	id text primary key references jobs (id) on delete cascade,
	tenant_id text not null,
	name text not null, -- what requests call the LoRA
	family text not null, -- of the models it fits
	file jsonb, -- null: there is none yet
	over boolean not null default false -- it ended without a file: the name is free again
);
create unique index trainings_names on trainings (tenant_id, name) where not over;
create index on trainings (tenant_id);

create function count_training_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs(coalesce(new.tenant_id, old.tenant_id), case when tg_op <> 'INSERT' then old.file end, case when tg_op <> 'DELETE' then new.file end);
	return null;
end $$;
create trigger trainings_blobs after insert or delete or update of file on trainings for each row execute function count_training_blobs();

-- Accepted with its job, or not at all: a name that is taken refuses both.
create function begin_training() returns trigger language plpgsql as $$
begin
	insert into trainings (id, tenant_id, name, family) values (new.id, new.tenant_id, new.request->>'name', new.request->>'family');
	return null;
end $$;
create trigger jobs_training after insert on jobs for each row when (new.workflow = 'train_lora') execute function begin_training();

create function keep_lora() returns trigger language plpgsql as $$
begin
	update trainings set file = new.outputs->'lora' where id = new.job_id;
	return null;
end $$;
create trigger tasks_lora after update of status on tasks for each row when (new.kind = 'train_lora' and new.status = 'done') execute function keep_lora();

create function end_training() returns trigger language plpgsql as $$
begin
	if new.deleted_at is not null then
		delete from trainings where id = new.id;
	else
		update trainings set over = true where id = new.id;
	end if;
	return null;
end $$;
create trigger jobs_training_over after update of status, deleted_at on jobs for each row
	when (new.workflow = 'train_lora' and (new.status in ('failed', 'cancelled') or new.deleted_at is not null)) execute function end_training();

-- As before, but that a training's run is no picture: it is told as a training, stands in no gallery and counts as no picture.
create function is_training(job text) returns boolean language sql stable as $$
	select exists (select 1 from trainings where id = job)
$$;

create or replace function emit_job_event() returns trigger language plpgsql as $$
begin
	perform emit_event(new.tenant_id, case when is_training(new.job_id) then replace(new.type, 'job.', 'training.') else new.type end, new.job_id, new.data);
	return null;
end $$;

create or replace function keep_in_gallery() returns trigger language plpgsql as $$
begin
	if new.deleted_at is not null then
		new.made_at := null;
		new.words := null;
		new.starred_at := null;
		delete from board_pictures where job_id = new.job_id and n = new.index;
	elsif not is_training(new.job_id) then
		new.made_at := clock_timestamp();
		new.words := to_tsvector('simple', plain_words((select request->>'prompt' from jobs where id = new.job_id)));
	end if;
	return new;
end $$;

create or replace function count_picture() returns trigger language plpgsql as $$
begin
	insert into usage_counts as u (tenant_id, span, starts_at, key_id, model, kind, pictures, pictures_failed, steps, steps_failed, steps_skipped, runtime_ms,
			charged_micro_usd, cost_micro_usd, quota)
		with job as materialized (select coalesce(key_id, '') as key_id, model, (not is_training(id))::int as pictures from jobs where id = new.job_id),
		ended as materialized (
			select t.id, t.model, t.kind, t.status, t.run_ms, t.cost_micro_usd from tasks t where t.job_id = new.job_id and t.run_index = new.index
				and (t.status in ('done', 'failed', 'skipped') or t.cost_micro_usd > 0)),
		charged as materialized (
			select e.model, e.kind, l.unit, sum(l.amount_micro_usd) as amount from ended e join ledger_entries l on l.task_id = e.id and l.kind = 'settle'
			group by 1, 2, 3)
		select new.tenant_id, s.span, s.starts_at, job.key_id, c.* from spans_of(now()) s, job, lateral (
			select job.model, '', job.pictures * (new.status = 'succeeded')::int, job.pictures * (new.status = 'failed')::int, 0, 0, 0, 0, 0, 0, '{}'::jsonb
			union all
			select e.model, e.kind, 0, 0, count(*) filter (where status = 'done'), count(*) filter (where status = 'failed'),
				count(*) filter (where status = 'skipped'), coalesce(sum(run_ms) filter (where status = 'done'), 0),
				coalesce((select amount from charged c where c.model = e.model and c.kind = e.kind and c.unit = 'usd'), 0), coalesce(sum(cost_micro_usd), 0),
				coalesce((select jsonb_object_agg(c.unit, c.amount) from charged c where c.model = e.model and c.kind = e.kind and c.unit <> 'usd'), '{}')
			from ended e group by e.model, e.kind) c order by s.span, 5, 6
		on conflict (tenant_id, span, starts_at, key_id, model, kind) do update set pictures = u.pictures + excluded.pictures,
			pictures_failed = u.pictures_failed + excluded.pictures_failed, steps = u.steps + excluded.steps,
			steps_failed = u.steps_failed + excluded.steps_failed, steps_skipped = u.steps_skipped + excluded.steps_skipped,
			runtime_ms = u.runtime_ms + excluded.runtime_ms, charged_micro_usd = u.charged_micro_usd + excluded.charged_micro_usd,
			cost_micro_usd = u.cost_micro_usd + excluded.cost_micro_usd, quota = add_units(u.quota, excluded.quota);
	return null;
end $$;
