-- For: submits and claims whose statements are planned once a connection. PostgreSQL planned the claim's anew at each call, as it expected ten tasks of
-- a list that mostly holds one: half of what a claim took. And for events that nobody listens to, which cost as much as those somebody does.
-- Locks: functions are replaced; the triggers are made under locks that stop writers of jobs for an instant. Safe while old code runs: it calls the
-- same functions with the same values.

-- As before, four functions whose queries were planned again at each call because they were written in plain SQL: what a worker can do beyond the
-- plain step and whether that is enough, whether a job is a training, and sums of usage.
create or replace function abilities_of(worker workers) returns jsonb language plpgsql stable as $$
begin
	if worker.nodes_digest is null then return worker.abilities; end if;
	return worker.abilities || coalesce((select jsonb_build_object('graph:comfyui', c.parts) from node_catalogues c
		where c.digest = worker.nodes_digest and c.parts is not null), '{}');
end $$;

create or replace function fits(abilities jsonb, requires jsonb) returns boolean language plpgsql immutable as $$
begin
	return coalesce(abilities ?& array(select jsonb_array_elements_text(requires)), false);
end $$;

create or replace function is_training(job text) returns boolean language plpgsql stable as $$
begin
	return exists (select 1 from trainings where id = job);
end $$;

create or replace function add_units(a jsonb, b jsonb) returns jsonb language plpgsql immutable as $$
begin
	if b = '{}' then return a; end if;
	if a = '{}' then return b; end if;
	return (select jsonb_object_agg(unit, coalesce((a->>unit)::bigint, 0) + coalesce((b->>unit)::bigint, 0))
		from (select jsonb_object_keys(a) union select jsonb_object_keys(b)) as units (unit));
end $$;

-- A list of any length, a limit of any size: with these the planner has nothing to weigh but by which index, and that is always the ordered one.
alter function claim_tasks(text, text, text[], int, double precision, text, double precision)
	set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off;
alter function admit_job(jsonb) set plan_cache_mode = force_generic_plan;

-- As before, after a look whether anybody could listen: the statement that finds and tells them opens four tables to write.
create or replace function emit_event(tenant text, event_type text, subject text, event_data jsonb) returns text language plpgsql as $$
declare
	event text;
begin
	if not exists (select 1 from webhook_endpoints e where e.tenant_id = tenant) and not exists (select 1 from request_webhooks r where r.subject_id = subject) then
		return null;
	end if;
	with listeners as materialized (
		select e.id as endpoint, null as address, e.id as destination from webhook_endpoints e
			where e.tenant_id = tenant and e.enabled and wants_type(e.types, event_type)
		union all select null, r.url, tenant || ' ' || substring(r.url from '^[^:]+://[^/?#]+') from request_webhooks r
			where r.subject_id = subject and r.tenant_id = tenant and wants_type(r.types, event_type)),
	happened as (
		insert into webhook_events (id, tenant_id, type, subject_id, data)
		select new_id('evt'), tenant, event_type, subject, event_data where exists (select 1 from listeners) returning id),
	told as (
		insert into webhook_deliveries (id, event_id, tenant_id, endpoint_id, url, destination)
		select new_id('dlv'), h.id, tenant, l.endpoint, l.address, l.destination from happened h, listeners l)
	select id into event from happened;
	return event;
end $$;

-- As before, only where the request names pictures.
drop trigger jobs_blobs_new on jobs;
create trigger jobs_blobs_new after insert on jobs for each row
	when (jsonb_path_exists(new.request, 'strict $.** ? (@.type() == "object" && exists (@.sha256))')) execute function count_job_blobs();
create trigger jobs_blobs_gone after delete on jobs for each row execute function count_job_blobs();
