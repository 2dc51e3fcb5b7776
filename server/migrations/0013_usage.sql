-- For: what was used, by key, model, step kind and time, summed up as pictures and jobs end; who did what to an account or the server; results
-- that are mailed.
-- Locks: the triggers are made under a lock that stops writers of jobs and pictures for an instant; what ended before is counted later, a little at a time.
-- Safe while old code runs: the database itself counts, whoever ends a picture.

create table usage_counts (
	tenant_id text not null,
	span text not null check (span in ('day', 'quarter')), -- a day of UTC, or a quarter of an hour, the smallest step between time zones: each picture is in both
	starts_at timestamptz not null, -- of the span in which the picture or job ended
	key_id text not null, -- '': no key, but this machine's own token or a person who was signed in
	model text not null,
	kind text not null, -- '': pictures and jobs themselves; else a step kind
	jobs bigint not null default 0,
	jobs_failed bigint not null default 0, -- those of which no picture succeeded
	pictures bigint not null default 0,
	pictures_failed bigint not null default 0,
	steps bigint not null default 0,
	steps_failed bigint not null default 0,
	steps_skipped bigint not null default 0,
	runtime_ms bigint not null default 0, -- of steps that ran to their end
	charged_micro_usd bigint not null default 0,
	cost_micro_usd bigint not null default 0, -- the operator's own, attempts in vain included
	quota jsonb not null default '{}', -- units drawn from the plan's quota, by unit
	primary key (tenant_id, span, starts_at, key_id, model, kind)
);
create index usage_counts_span on usage_counts (span, starts_at);
-- A row changes many times within its span: with room on its page, a change touches no index.
alter table usage_counts set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create function spans_of(moment timestamptz) returns table (span text, starts_at timestamptz) language sql immutable as $$
	values ('day', date_bin('1 day', moment, timestamptz '2000-01-01 00:00:00+00')),
		('quarter', date_bin('15 minutes', moment, timestamptz '2000-01-01 00:00:00+00'))
$$;

create function add_units(a jsonb, b jsonb) returns jsonb language sql immutable as $$
	select case when b = '{}' then a when a = '{}' then b else (select jsonb_object_agg(unit, coalesce((a->>unit)::bigint, 0) + coalesce((b->>unit)::bigint, 0))
		from (select jsonb_object_keys(a) union select jsonb_object_keys(b)) as units (unit)) end
$$;

-- A picture ended: it and each of its steps, with what the ledger says was charged for them.
create function count_picture() returns trigger language plpgsql as $$
begin
	insert into usage_counts as u (tenant_id, span, starts_at, key_id, model, kind, pictures, pictures_failed, steps, steps_failed, steps_skipped, runtime_ms,
			charged_micro_usd, cost_micro_usd, quota)
		with job as materialized (select coalesce(key_id, '') as key_id, model from jobs where id = new.job_id),
		ended as materialized (
			select t.id, t.model, t.kind, t.status, t.run_ms, t.cost_micro_usd from tasks t where t.job_id = new.job_id and t.run_index = new.index
				and (t.status in ('done', 'failed', 'skipped') or t.cost_micro_usd > 0)),
		charged as materialized (
			select e.model, e.kind, l.unit, sum(l.amount_micro_usd) as amount from ended e join ledger_entries l on l.task_id = e.id and l.kind = 'settle'
			group by 1, 2, 3)
		select new.tenant_id, s.span, s.starts_at, job.key_id, c.* from spans_of(now()) s, job, lateral (
			select job.model, '', (new.status = 'succeeded')::int, (new.status = 'failed')::int, 0, 0, 0, 0, 0, 0, '{}'::jsonb
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

create function count_job() returns trigger language plpgsql as $$
begin
	insert into usage_counts as u (tenant_id, span, starts_at, key_id, model, kind, jobs, jobs_failed)
		select new.tenant_id, span, starts_at, coalesce(new.key_id, ''), new.model, '', 1, (new.status = 'failed')::int from spans_of(now()) order by span
		on conflict (tenant_id, span, starts_at, key_id, model, kind) do update set jobs = u.jobs + 1, jobs_failed = u.jobs_failed + excluded.jobs_failed;
	return null;
end $$;

-- At the end of the transaction: by then the picture's steps are charged and those beside a failed one are cancelled.
create constraint trigger image_runs_counted after update of status on image_runs deferrable initially deferred
	for each row when (old.status = 'pending' and new.status <> 'pending') execute function count_picture();
create constraint trigger image_runs_counted_at_once after insert on image_runs deferrable initially deferred
	for each row when (new.status <> 'pending') execute function count_picture();
create constraint trigger jobs_counted after update of status on jobs deferrable initially deferred
	for each row when (old.finished_at is null and new.finished_at is not null) execute function count_job();
create constraint trigger jobs_counted_at_once after insert on jobs deferrable initially deferred
	for each row when (new.finished_at is not null) execute function count_job();

-- What ended before this moment is counted afterwards, job by job in the order of their ids (store/postgres/countPastUsage.ts). No row: all is counted.
create table usage_backlog (
	before timestamptz not null,
	after_id text not null default '' -- the last job that was counted
);
insert into usage_backlog (before) select clock_timestamp() where exists (select 1 from jobs);

-- For the audit log: what is about to be done, written before it is done, and how it came out. An entry without a result belongs to a server that
-- was killed in between. Neither is ever changed or removed.
create table audit_entries (
	id bigint generated always as identity primary key,
	at timestamptz not null default clock_timestamp(),
	tenant_id text, -- whose account it is about; null: nobody's. No reference: entries outlive what they tell of
	actor_kind text not null check (actor_kind in ('key', 'person', 'local_token', 'server', 'nobody')),
	actor_id text,
	actor_tenant_id text,
	action text not null, -- operationId of the route
	targets text[] not null, -- ids
	details jsonb not null default '{}', -- only what the route names
	network text, -- an address without its last part: tells offices apart, not people
	request_id text
);
create index on audit_entries (tenant_id, id);
create index on audit_entries using gin (targets);
create table audit_results (
	entry_id bigint primary key,
	at timestamptz not null default clock_timestamp(),
	status int not null, -- HTTP
	code text, -- of the error; null: it was done
	made text[] not null -- ids of what came of it
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
	raise exception 'the audit log is append-only';
end $$;
create trigger audit_entries_append_only before update or delete on audit_entries for each row execute function refuse_audit_change();
create trigger audit_results_append_only before update or delete on audit_results for each row execute function refuse_audit_change();
create trigger audit_entries_kept before truncate on audit_entries for each statement execute function refuse_audit_change();
create trigger audit_results_kept before truncate on audit_results for each statement execute function refuse_audit_change();

-- Results that a request wants mailed. Written with the job or batch, due from the moment it ends.
create table result_mails (
	subject_id text primary key, -- job or batch
	tenant_id text not null,
	address text not null,
	due_at timestamptz, -- null: it has not ended. While it is being sent: when its lease ends
	claims int not null default 0, -- a result of an earlier claim is refused
	ended_at timestamptz,
	outcome text check (outcome in ('sent', 'failed', 'dropped'))
);
create index result_mails_due on result_mails (due_at) where due_at is not null and ended_at is null;

create function mail_results() returns trigger language plpgsql as $$
begin
	update result_mails set due_at = clock_timestamp() where subject_id = new.id and ended_at is null;
	return null;
end $$;
create trigger jobs_mailed after update of status on jobs for each row
	when (old.finished_at is null and new.finished_at is not null) execute function mail_results();
