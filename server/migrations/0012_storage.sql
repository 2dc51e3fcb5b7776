-- For: who still needs a stored picture, when its time is up, what was deleted, and results that need not be made again.
-- Locks: the new columns have no default or a constant one and cost an instant; the triggers and the first count are made under a lock that stops
-- writers of tasks, jobs, assets and uploads: a minute at a million pictures. Safe while old code runs: whatever it writes is counted by the triggers,
-- and what it stores without announcing it is spared by its age.

-- One row for each stored picture of a tenant. `refs` is kept by triggers in the transaction of whatever refers to it.
create table blobs (
	tenant_id text not null,
	sha256 text not null,
	bytes bigint not null default 0,
	refs int not null default 0,
	kept_until timestamptz, -- somebody is storing it and has not referred to it yet
	removing_until timestamptz, -- its bytes are being removed; until then nobody may store it
	removed_at timestamptz, -- its bytes are gone; whoever refers to it now is refused
	created_at timestamptz not null default clock_timestamp(),
	primary key (tenant_id, sha256)
);
-- What nobody refers to: removed, or about to be.
create index blobs_unreferenced on blobs (kept_until) where refs = 0 and (removed_at is null or kept_until > removed_at);
create index blobs_removed on blobs (removed_at) where removed_at is not null;

-- Blobs named anywhere in a document, each once.
create function blobs_in(document jsonb) returns table (sha256 text, bytes bigint) language sql immutable as $$
	select blob->>'sha256', max(case when jsonb_typeof(blob->'bytes') = 'number' then (blob->>'bytes')::bigint else 0 end)
	from jsonb_path_query(document, 'strict $.** ? (@.type() == "object" && exists (@.sha256))') blob
	where blob->>'sha256' ~ '^[0-9a-f]{64}$' group by 1
$$;

-- A document that refers to blobs was replaced by another; null: there was none, or is none now. Rows are taken in one order, whoever comes.
create function count_blobs(tenant text, before jsonb, after jsonb) returns void language plpgsql as $$
declare
	blob record;
begin
	for blob in select coalesce(a.sha256, b.sha256) as sha256, coalesce(a.bytes, 0) as bytes, a.sha256 is not null as is_new
		from blobs_in(after) a full join blobs_in(before) b using (sha256)
		where (a.sha256 is null) <> (b.sha256 is null) order by 1
	loop
		if blob.is_new then
			insert into blobs as b (tenant_id, sha256, bytes, refs) values (tenant, blob.sha256, blob.bytes, 1)
				on conflict (tenant_id, sha256) do update set refs = b.refs + 1, kept_until = null, bytes = greatest(b.bytes, excluded.bytes)
				where b.removed_at is null and b.removing_until is null;
			if not found then
				raise exception 'the blob % is gone', blob.sha256 using errcode = 'GW001';
			end if;
		else
			update blobs b set refs = b.refs - 1 where b.tenant_id = tenant and b.sha256 = blob.sha256;
		end if;
	end loop;
end $$;

-- A job whose pictures are all deleted, those it was given among them, keeps its recipe: the request then refers to nothing.
alter table jobs
	add column delete_after_s bigint, -- its pictures are deleted so many seconds after its end; null: they are kept
	add column expires_at timestamptz, -- when that is; null: not ended, or kept
	add column pictures_deleted_at timestamptz, -- every picture of it was deleted
	add column deleted_at timestamptz; -- deleted by its tenant: nobody sees it any more
create index jobs_expiring on jobs (expires_at) where expires_at is not null and pictures_deleted_at is null;

alter table image_runs
	add column deleted_at timestamptz,
	add column deleted_for text check (deleted_for in ('request', 'retention'));

alter table assets
	add column expires_at timestamptz,
	add column deleted_at timestamptz;
create index assets_expiring on assets (expires_at) where expires_at is not null and deleted_at is null;

create function count_job_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs(coalesce(new.tenant_id, old.tenant_id),
		case when tg_op <> 'INSERT' and old.pictures_deleted_at is null then old.request end,
		case when tg_op <> 'DELETE' and new.pictures_deleted_at is null then new.request end);
	return null;
end $$;
create trigger jobs_blobs_new after insert or delete on jobs for each row execute function count_job_blobs();
create trigger jobs_blobs_changed after update of request, pictures_deleted_at on jobs for each row
	when (old.request is distinct from new.request or old.pictures_deleted_at is distinct from new.pictures_deleted_at) execute function count_job_blobs();

create function count_task_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs(coalesce(new.tenant_id, old.tenant_id), case when tg_op <> 'INSERT' then old.outputs end, case when tg_op <> 'DELETE' then new.outputs end);
	return null;
end $$;
create trigger tasks_blobs_new after insert on tasks for each row when (new.outputs <> '{}') execute function count_task_blobs();
create trigger tasks_blobs_gone after delete on tasks for each row when (old.outputs <> '{}') execute function count_task_blobs();
create trigger tasks_blobs_changed after update of outputs on tasks for each row when (old.outputs is distinct from new.outputs) execute function count_task_blobs();

create function count_asset_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs(coalesce(new.tenant_id, old.tenant_id), case when tg_op <> 'INSERT' then old.picture end, case when tg_op <> 'DELETE' then new.picture end);
	return null;
end $$;
create trigger assets_blobs after insert or delete or update of picture on assets for each row execute function count_asset_blobs();

create function count_upload_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs((select tenant_id from tasks where id = coalesce(new.task_id, old.task_id)),
		case when tg_op <> 'INSERT' then old.picture end, case when tg_op <> 'DELETE' then new.picture end);
	return null;
end $$;
create trigger uploads_blobs after insert or delete or update of picture on task_uploads for each row execute function count_upload_blobs();

-- What there is already.
insert into blobs (tenant_id, sha256, bytes, refs)
	select tenant_id, sha256, max(bytes), count(*) from (
		select j.tenant_id, b.* from jobs j, blobs_in(j.request) b
		union all select t.tenant_id, b.* from tasks t, blobs_in(t.outputs) b where t.outputs <> '{}'
		union all select a.tenant_id, b.* from assets a, blobs_in(a.picture) b
		union all select t.tenant_id, b.* from task_uploads u join tasks t on t.id = u.task_id, blobs_in(u.picture) b) named
	group by 1, 2;

-- The request says how long (domain/storage/retention.ts); the end of the job says from when.
create function keep_expiry() returns trigger language plpgsql as $$
begin
	if tg_op = 'INSERT' then new.delete_after_s := (new.request->>'deleteAfterS')::bigint; end if;
	if new.finished_at is not null and new.delete_after_s is not null then
		new.expires_at := new.finished_at + new.delete_after_s * interval '1 second';
	end if;
	return new;
end $$;
create trigger jobs_expiry before insert or update of finished_at on jobs for each row execute function keep_expiry();

-- Finished jobs by what made them what they are. Only those whose request named a seed are here, for as long as the operator says.
create table cached_results (
	tenant_id text not null,
	key text not null, -- SHA-256 of everything that decides the result, see domain/storage/resultKey.ts
	job_id text not null references jobs (id) on delete cascade,
	expires_at timestamptz not null,
	primary key (tenant_id, key)
);
create index on cached_results (job_id);
create index on cached_results (expires_at);

-- What live workers said their models' files are: digests by capability.
alter table workers add column digests jsonb not null default '{}';

-- A job that came out whole, made by the very models that its key was made of, is kept as a result. A picture that is deleted takes it away.
create function keep_result() returns trigger language plpgsql as $$
declare
	cache jsonb := new.request->'cache';
begin
	if not exists (select 1 from tasks t where t.job_id = new.id and (
			t.status not in ('done', 'skipped')
			or t.status = 'skipped' and t.skip_reason in ('overload', 'step_failed', 'model_missing') and not cache->'skips' ? t.step_id
			or t.status = 'done' and cache->'digests' ? t.step_id and t.data->>'model_digest' is distinct from cache->'digests'->>t.step_id)) then
		insert into cached_results as c (tenant_id, key, job_id, expires_at)
			values (new.tenant_id, cache->>'key', new.id, clock_timestamp() + (cache->>'keepS')::bigint * interval '1 second')
			on conflict (tenant_id, key) do update set job_id = excluded.job_id, expires_at = excluded.expires_at;
	end if;
	return null;
end $$;
create trigger jobs_result after update of status on jobs for each row
	when (new.status = 'succeeded' and old.status <> 'succeeded' and new.request->'cache'->>'key' is not null) execute function keep_result();

create function forget_result() returns trigger language plpgsql as $$
begin
	delete from cached_results where job_id = new.job_id;
	return null;
end $$;
create trigger image_runs_deleted after update of deleted_at on image_runs for each row when (new.deleted_at is not null) execute function forget_result();

-- Accepts a job whose result is another's of the same tenant: it is over in this transaction, holds, draws and costs nothing, and stands in no line.
create function accept_cached_job(draft jsonb) returns jsonb language plpgsql as $$
declare
	tenant text := draft->>'tenantId';
	job text := draft->>'id';
	source text := draft->>'cachedFrom';
	made timestamptz := clock_timestamp();
	pictures int := jsonb_array_length(draft->'runs');
begin
	-- Whoever deletes pictures locks the tenant too: what is found now is there until this is committed.
	perform 1 from tenants where id = tenant for no key update;
	if not found then return jsonb_build_object('refused', 'unauthenticated'); end if;
	perform 1 from cached_results c join jobs j on j.id = c.job_id
		where c.tenant_id = tenant and c.key = draft->'request'->'cache'->>'key' and c.job_id = source and c.expires_at > made
		and (j.expires_at is null or j.expires_at > made);
	if not found then return jsonb_build_object('refused', 'moved'); end if;

	insert into jobs (id, tenant_id, key_id, status, workflow, workflow_version, model, plan, weight, running_cap, request, metadata, quote,
			held_micro_usd, event_seq, created_at, started_at, finished_at)
		values (job, tenant, draft->>'keyId', 'succeeded', draft->>'workflow', (draft->>'workflowVersion')::int, draft->>'model', draft->>'plan',
			(draft->>'weight')::double precision, (draft->>'runningCap')::int, draft->'request', draft->'metadata', draft->'quote', 0, pictures + 2, made, made, made);
	insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period)
		values (tenant, job, 'hold', 'credit', 'held', 0, 'usd', ''), (tenant, job, 'release', 'held', 'credit', 0, 'usd', '');
	insert into image_runs (job_id, index, tenant_id, seed, status)
		select job, index, tenant, seed, 'succeeded' from image_runs where job_id = source order by index;
	insert into tasks (job_id, run_index, tenant_id, plan, step_id, kind, model, capability, pool, optional, needs, status, predicted_ms, price_micro_usd,
			max_attempts, requires, skip_reason, outputs, data, finished_at)
		select job, run_index, tenant, draft->>'plan', step_id, kind, model, capability, pool, optional, needs, 'skipped', predicted_ms, 0,
			max_attempts, requires, case when status = 'done' then 'cached' else skip_reason end, outputs, data, made
		from tasks where job_id = source order by id;
	if draft->'webhook'->>'url' is not null then
		insert into request_webhooks (subject_id, tenant_id, url, types)
			values (job, tenant, draft->'webhook'->>'url', array(select jsonb_array_elements_text(draft->'webhook'->'types')));
	end if;
	insert into job_events (job_id, seq, tenant_id, type, data)
		select job, 1, tenant, 'job.created', jsonb_build_object('status', 'succeeded', 'pictures', pictures)
		union all select job, 2 + r.index, tenant, 'image.succeeded', jsonb_build_object('n', r.index) from image_runs r where r.job_id = job
		union all select job, 2 + pictures, tenant, 'job.succeeded', jsonb_build_object('cached_from', source) order by 2;
	if draft->>'idempotencyKey' is not null then
		update idempotency_keys set job_id = job where tenant_id = tenant and key = draft->>'idempotencyKey';
	end if;
	return jsonb_build_object('accepted', job);
end $$;
