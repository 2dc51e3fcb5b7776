-- For: steps that not every worker with the capability can do: an edit operation, a ControlNet, a LoRA. A task says what it requires, a worker
-- what it can do beyond the plain step, and a claim hands out only what fits.
-- Locks: `add column` without a default, or with a constant one, is an instant; functions are replaced. Safe while old code runs: it writes no
-- requirements, and its workers' abilities are empty, so they are handed only what requires none.

alter table tasks add column requires jsonb; -- a list of names; null: nothing
alter table workers add column abilities jsonb not null default '{}'; -- lists of names by capability

-- As before, with what each step requires.
create or replace function submit_job(draft jsonb) returns jsonb language plpgsql as $$
declare
	tenant text := draft->>'tenantId';
	job text := draft->>'id';
	price bigint := (draft->>'priceMicroUsd')::bigint;
	cap int := (draft->>'runningCap')::int;
	weight double precision := (draft->>'weight')::double precision;
	pictures int := jsonb_array_length(draft->'runs');
	made timestamptz := clock_timestamp();
	is_later boolean := coalesce((draft->>'runAfter')::timestamptz > made, false);
	job_status text := case when is_later then 'scheduled' else 'queued' end;
	is_postpaid boolean;
	credit bigint;
	quota record;
	quota_left bigint;
	free_places int;
	line record;
	floor bigint;
	base bigint;
	bases jsonb := '{}';
	skips int := (draft->>'skips')::int;
	tasks_written jsonb;
begin
	select postpaid into is_postpaid from tenants where id = tenant for no key update;
	if not found then return jsonb_build_object('refused', 'unauthenticated'); end if;

	for quota in select * from jsonb_to_recordset(draft->'quotas') as q(unit text, period text, "limit" bigint, wanted bigint, drawn bigint) loop
		select greatest(0, quota."limit" - coalesce(sum(amount), 0)) into quota_left from balances
			where tenant_id = tenant and unit = quota.unit and period = quota.period and account in ('held', 'used');
		if least(quota.wanted, quota_left) <> quota.drawn then
			return jsonb_build_object('refused', 'moved');
		end if;
	end loop;
	if exists (select 1 from jsonb_array_elements_text(draft->'pools') p(id) where not exists (select 1 from pools where pools.id = p.id)) then
		return jsonb_build_object('refused', 'moved');
	end if;
	if price > 0 and not is_postpaid then
		select amount into credit from balances where tenant_id = tenant and unit = 'usd' and period = '' and account = 'credit';
		credit := coalesce(credit, 0);
		if credit < price then return jsonb_build_object('refused', 'insufficient_credit', 'creditMicroUsd', credit); end if;
	end if;

	insert into jobs (id, tenant_id, key_id, status, workflow, workflow_version, model, plan, weight, running_cap, request, metadata, quote,
			held_micro_usd, run_after, event_seq, created_at)
		values (job, tenant, draft->>'keyId', job_status, draft->>'workflow', (draft->>'workflowVersion')::int, draft->>'model', draft->>'plan', weight, cap,
			draft->'request', draft->'metadata', draft->'quote', price, (draft->>'runAfter')::timestamptz, 1 + skips, made);
	insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period)
		values (tenant, job, 'hold', 'credit', 'held', price, 'usd', '');
	if jsonb_array_length(draft->'quotas') > 0 then
		insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period)
			select tenant, job, 'hold', 'plan', 'held', q.drawn, q.unit, q.period
			from jsonb_to_recordset(draft->'quotas') as q(unit text, period text, drawn bigint) where q.drawn > 0;
	end if;

	free_places := case when cap is null or is_later then pictures else greatest(0, cap - places_taken(tenant)) end;
	if not is_later then
		for line in select x.pool, x.capability, virtual_cost(x."predictedMs", weight) as cost
			from jsonb_to_recordset(draft->'lines') as x(pool text, capability text, "predictedMs" bigint)
		loop
			floor := floor_tag(tenant, line.pool, line.capability);
			base := greatest(floor, (select last_key from line_tags where tenant_id = tenant and pool = line.pool and capability = line.capability));
			bases := bases || jsonb_build_object(line.pool, jsonb_build_array(base, line.cost, floor));
			insert into line_tags (tenant_id, pool, capability, last_key) values (tenant, line.pool, line.capability, base + pictures * line.cost)
				on conflict (tenant_id, pool, capability) do update set last_key = excluded.last_key;
		end loop;
	end if;

	insert into image_runs (job_id, index, tenant_id, seed, active)
		select job, (run->>'index')::int, tenant, (run->>'seed')::bigint, cap is not null and not is_later and place <= free_places
		from jsonb_array_elements(draft->'runs') with ordinality as r(run, place);
	with written as (
		insert into tasks (job_id, run_index, tenant_id, plan, step_id, kind, model, capability, pool, optional, needs, status, order_key, floor_key,
			claimable, predicted_ms, time_key, prior_ms, list_micro_usd, price_micro_usd, quota_units, max_attempts, requires, skip_reason, ready_at, finished_at)
		select job, r.index, tenant, draft->>'plan', t."stepId", t.kind, t.model, t.capability, t.pool, t.optional, t.needs,
			case when t.skip is not null then 'skipped' when not t.first then 'waiting' when is_later then 'scheduled' else 'ready' end,
			case when t.first and not is_later then (bases->t.pool->>0)::bigint + r.place * (bases->t.pool->>1)::bigint end,
			case when t.first and not is_later then (bases->t.pool->>2)::bigint end,
			r.place <= free_places, t."predictedMs", coalesce(t."timeKey", ''), t."priorMs", t."listMicroUsd", t."priceMicroUsd", t."quotaUnits",
			t."maxAttempts", t.requires, t.skip, case when t.first and not is_later then made end, case when t.skip is not null then made end
		from rows from (jsonb_to_recordset(draft->'runs') as (index int, variant int)) with ordinality as r(index, variant, place),
			lateral rows from (jsonb_to_recordset(draft->'variants'->r.variant) as ("stepId" text, kind text, model text, capability text, pool text,
				optional boolean, needs text[], "predictedMs" bigint, "timeKey" text, "priorMs" bigint, "listMicroUsd" bigint, "priceMicroUsd" bigint,
				"quotaUnits" text[], "maxAttempts" int, requires jsonb, skip text, first boolean)) with ordinality as t("stepId", kind, model, capability, pool,
				optional, needs, "predictedMs", "timeKey", "priorMs", "listMicroUsd", "priceMicroUsd", "quotaUnits", "maxAttempts", requires, skip, first, place)
		order by r.place, t.place returning id, order_key, claimable)
	select jsonb_agg(jsonb_build_array(id, order_key, claimable) order by id) into tasks_written from written;

	insert into job_events (job_id, seq, tenant_id, type, data)
		values (job, 1, tenant, 'job.created', jsonb_build_object('status', job_status, 'pictures', pictures));
	if skips > 0 then
		insert into job_events (job_id, seq, tenant_id, type, data)
			select job, 1 + row_number() over (order by run_place, task_place), tenant, 'step.skipped',
				jsonb_build_object('n', (run->>'index')::int, 'step', t->>'stepId', 'reason', t->>'skip')
			from jsonb_array_elements(draft->'runs') with ordinality as r(run, run_place),
				lateral jsonb_array_elements(draft->'variants'->((run->>'variant')::int)) with ordinality as v(t, task_place)
			where t->>'skip' is not null;
	end if;
	if draft->>'idempotencyKey' is not null then
		update idempotency_keys set job_id = job where tenant_id = tenant and key = draft->>'idempotencyKey';
	end if;
	return jsonb_build_object('createdAt', made, 'status', job_status, 'tasks', tasks_written);
end $$;

-- As before, handing out only what the worker can do.
create or replace function claim_tasks(by_worker text, from_pool text, wanted text[], at_most int, lease_ms double precision, loaded text)
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
	select w.abilities into can from workers w where w.id = by_worker and w.revoked_at is null and not w.paused and not w.draining;
	if not found
		or exists (select 1 from pools where id = from_pool and paused) then return; end if;
	loop
		candidates := array(select c.id from unnest(wanted) as w(capability) cross join lateral (
				select t.id, t.order_key from tasks t where t.pool = from_pool and t.capability = w.capability and t.status = 'ready' and t.claimable
					and (t.not_before is null or t.not_before <= moment) and (t.requires is null or can->w.capability @> t.requires)
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
