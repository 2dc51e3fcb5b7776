-- For: submits and claims whose statements are planned once a connection. PostgreSQL planned the claim's anew at each call, as it expected ten tasks of
-- a list that mostly holds one: half of what a claim took. And for events that nobody listens to, which cost as much as those somebody does.
-- Locks: functions are replaced; the triggers are made under locks that stop writers of jobs for an instant. Safe while old code runs: it calls the
-- same functions with the same values.

-- As before. What the worker can do beyond the plain step is put together here: a function of its row was planned at each call.
create or replace function claim_tasks(by_worker text, from_pool text, wanted text[], at_most int, lease_ms double precision, loaded text,
	live_ms double precision default 30000)
returns table (task tasks, workflow text, workflow_version int, request jsonb, seed bigint, earlier jsonb)
language plpgsql as $$
#variable_conflict use_column
declare
	candidates bigint[];
	looked_at int := at_most + 8;
	taken bigint[];
	moment timestamptz := clock_timestamp();
	can jsonb;
	description text; -- of its nodes
begin
	select w.abilities, w.nodes_digest into can, description from workers w
		where w.id = by_worker and w.revoked_at is null and not w.paused and not w.draining
			and not exists (select 1 from pools where id = from_pool and paused);
	if not found then return; end if;
	if description is not null then
		can := can || coalesce((select jsonb_build_object('graph:comfyui', c.parts) from node_catalogues c where c.digest = description and c.parts is not null), '{}');
	end if;
	loop
		candidates := array(select c.id from unnest(wanted) as w(capability) cross join lateral (
				select t.id, t.order_key from tasks t where t.pool = from_pool and t.capability = w.capability and t.status = 'ready' and t.claimable
					and (t.not_before is null or t.not_before <= moment) and (t.requires is null or fits(can->w.capability, t.requires))
					and (t.out_of_memory_on is null or not left_to_others(t, by_worker, live_ms))
				order by t.order_key, t.id limit looked_at) c
			order by c.order_key, c.id limit looked_at);
		-- `case` hides the condition from the planner, which else may walk the whole index of ready tasks.
		taken := array(select t.id from tasks t where t.id = any(candidates) and case when t.status = 'ready' then t.claimable else false end
			order by t.order_key, t.id limit at_most for update skip locked);
		-- Others hold some of those we saw: look further, as long as there is something further.
		exit when cardinality(taken) = at_most or cardinality(candidates) < looked_at or looked_at > 4096;
		looked_at := looked_at * 4;
	end loop;
	if cardinality(taken) = 0 then return; end if;

	-- One statement: jobs are locked by id before anything of them is read or written.
	return query with heads as materialized (
		select j.id, j.tenant_id, j.event_seq as seq, (j.status = 'queued')::int as begins, j.workflow, j.workflow_version, j.request
		from jobs j where j.id in (select t.job_id from tasks t where t.id = any(taken)) order by j.id for update),
	started as (
		update tasks t set status = 'running', attempt = t.attempt + 1, worker_id = by_worker, progress = 0, not_before = null, passed_at = null,
			lease_until = moment + lease_ms * interval '1 millisecond', started_at = moment,
			loads_model = t.kind in ('generate', 'inpaint') and t.model is distinct from loaded
		from heads h where t.id = any(taken) and h.id = t.job_id returning t),
	numbered as materialized (
		select (s.t).job_id as job, (s.t).order_key as order_key, (s.t).capability as capability, s.t as task,
			row_number() over (partition by (s.t).job_id order by (s.t).order_key, (s.t).id) as nth from started s),
	moved as (
		update jobs j set event_seq = h.seq + h.begins + n.steps, status = 'running', started_at = coalesce(j.started_at, moment)
		from heads h join (select job, max(nth)::int as steps from numbered group by job) n on n.job = h.id where j.id = h.id),
	told as (
		insert into job_events (job_id, seq, tenant_id, type, data)
		select h.id, h.seq + 1, h.tenant_id, 'job.started', '{}'::jsonb from heads h where h.begins = 1
		union all select h.id, h.seq + h.begins + n.nth, h.tenant_id, 'step.started', jsonb_build_object('n', (n.task).run_index,
			'step', (n.task).step_id, 'attempt', (n.task).attempt, 'model', (n.task).model)
		from numbered n join heads h on h.id = n.job),
	served as (
		insert into served_tags as s (pool, worker_id, capability, order_key)
		select from_pool, by_worker, capability, max(order_key) from numbered group by capability
		on conflict (pool, worker_id, capability) do update set order_key = greatest(s.order_key, excluded.order_key))
	select n.task, h.workflow, h.workflow_version, h.request, r.seed,
		case when cardinality((n.task).needs) = 0 then '{}' else coalesce((select jsonb_object_agg(e.step_id, jsonb_build_object('outputs', e.outputs, 'data', e.data))
			from tasks e where e.job_id = n.job and e.run_index = (n.task).run_index and e.status in ('done', 'skipped')), '{}') end
	from numbered n join heads h on h.id = n.job join image_runs r on r.job_id = n.job and r.index = (n.task).run_index
	order by n.order_key, (n.task).id;
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
