-- For: steps that go to workers that can run them to the end. A graph requires its node classes and files, which a worker has by its description
-- of nodes; a step that ran out of memory on one worker is left to another one that can run it, as long as one lives. Workers say what is wrong.
-- Locks: `add column` without a default is an instant; functions are replaced within the transaction. Safe while old code runs: it calls
-- claim_tasks with six values, writes no parts (workers are then asked for their description again), and neither reads nor writes where memory ran out.

alter table workers add column trouble text; -- why engines of it offer nothing; null: all answer
alter table tasks add column out_of_memory_on text[]; -- ids of workers
alter table node_catalogues add column parts jsonb; -- keys `node:<class>` and `file:<name>`; null: not read out yet

-- What a worker can do beyond the plain step: by capability a list of names, or an object with the names as keys.
create function abilities_of(worker workers) returns jsonb language sql stable as $$
	select worker.abilities || coalesce((select jsonb_build_object('graph:comfyui', c.parts) from node_catalogues c
		where c.digest = worker.nodes_digest and c.parts is not null), '{}')
$$;

create function fits(abilities jsonb, requires jsonb) returns boolean language sql immutable as $$
	select coalesce(abilities ?& array(select jsonb_array_elements_text(requires)), false)
$$;

-- Whether this worker ran out of memory with the task and another one lives that can run it and did not.
create function left_to_others(task tasks, by_worker text, live_ms double precision) returns boolean language sql stable as $$
	select by_worker = any(task.out_of_memory_on) and exists (select 1 from workers w
		where w.id <> all(task.out_of_memory_on) and w.revoked_at is null and not w.paused and not w.draining
			and w.last_seen_at > clock_timestamp() - live_ms * interval '1 millisecond'
			and task.pool = any(w.pools) and task.capability = any(w.capabilities)
			and (task.requires is null or fits(abilities_of(w)->task.capability, task.requires)))
$$;

-- As before, with the parts of graphs and what is left to others. `live_ms`: how long after its last word a worker counts as live.
drop function claim_tasks(text, text, text[], int, double precision, text);
create function claim_tasks(by_worker text, from_pool text, wanted text[], at_most int, lease_ms double precision, loaded text,
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
begin
	select abilities_of(w) into can from workers w where w.id = by_worker and w.revoked_at is null and not w.paused and not w.draining;
	if not found
		or exists (select 1 from pools where id = from_pool and paused) then return; end if;
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
