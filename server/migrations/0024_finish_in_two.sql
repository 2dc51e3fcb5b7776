-- For: the end of a step in two round trips, one that reads what waits for it and one that writes all that follows, instead of sixteen.
-- Locks: none; functions are new. Safe while old code runs: it does not call them, and does the same by statements of its own, under the same locks.

-- Appends to a job's log. The job's row gives the next number, so readers never see a gap that fills later.
create function append_event(in_job text, in_type text, in_data jsonb) returns void language plpgsql as $$
begin
	with numbered as (update jobs set event_seq = event_seq + 1 where id = in_job returning tenant_id, event_seq)
	insert into job_events (job_id, seq, tenant_id, type, data) select in_job, n.event_seq, n.tenant_id, in_type, in_data from numbered n;
end $$;

-- The picture is there: only now is anything charged. Every step that really ran: its price, and one of each quota unit it draws. Unique per task
-- and unit: a second settlement of one is impossible.
create function succeed_run(in_job text, in_run int) returns void language plpgsql as $$
begin
	update image_runs set status = 'succeeded' where job_id = in_job and index = in_run;
	insert into ledger_entries (tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd, attempt, unit, period)
		select t.tenant_id, t.job_id, t.id, 'settle', 'held', 'revenue', t.price_micro_usd, t.attempt, 'usd', '' from tasks t
		where t.job_id = in_job and t.run_index = in_run and t.status = 'done'
		union all
		select t.tenant_id, t.job_id, t.id, 'settle', 'held', 'used', 1, t.attempt, h.unit, h.period from tasks t
		join ledger_entries h on h.job_id = t.job_id and h.kind = 'hold' and h.unit = any(t.quota_units)
		where t.job_id = in_job and t.run_index = in_run and t.status = 'done';
	perform append_event(in_job, 'image.succeeded', jsonb_build_object('n', in_run));
end $$;

-- Ends a job: status, what is left of the hold (of money and of quotas, once per job and unit), forecasts, event. Its row must be locked.
create function end_job(in_job text, in_status text, in_error jsonb) returns void language plpgsql as $$
begin
	update jobs set status = in_status, finished_at = clock_timestamp(), error = in_error where id = in_job;
	insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period)
		select h.tenant_id, h.job_id, 'release', 'held', h.debit, h.amount_micro_usd - coalesce((select sum(s.amount_micro_usd) from ledger_entries s
			where s.job_id = h.job_id and s.kind = 'settle' and s.unit = h.unit), 0), h.unit, h.period
		from ledger_entries h where h.job_id = in_job and h.kind = 'hold';
	-- What failed or was cancelled says nothing about time, but for forecasts whose range was over by then: perhaps it was cancelled for that.
	if in_status = 'succeeded' then
		update forecasts set actual_ms = extract(epoch from clock_timestamp() - made_at) * 1000 where job_id = in_job and actual_ms is null;
	else
		delete from forecasts where job_id = in_job and actual_ms is null and made_at + p90_ms * interval '1 millisecond' > clock_timestamp();
		update forecasts set gave_up_ms = extract(epoch from clock_timestamp() - made_at) * 1000 where job_id = in_job and actual_ms is null;
	end if;
	perform append_event(in_job, 'job.' || in_status,
		case when in_error is null then '{}' else jsonb_build_object('code', in_error->'code', 'message', in_error->'message') end);
end $$;

-- Ends the job once no picture is pending. Does nothing before. Its row must be locked.
create function close_job(in_job text) returns void language plpgsql as $$
declare
	pending bigint;
	succeeded bigint;
	failed bigint;
	first_error jsonb;
begin
	select count(*) filter (where status = 'pending'), count(*) filter (where status = 'succeeded'), count(*) filter (where status = 'failed'),
			(array_agg(error order by index) filter (where status = 'failed'))[1]
		into pending, succeeded, failed, first_error from image_runs where job_id = in_job;
	if pending = 0 then
		perform end_job(in_job, case when failed = 0 then 'succeeded' when succeeded > 0 then 'partial' else 'failed' end, first_error);
	end if;
end $$;

-- Makes a waiting task claimable at its place, or lets it wait there for one of its tenant's running places. Later steps of a run in the same
-- pool keep its tag: finish what was started. Else floor or last tag of the line, + the run's cost in the pool; as finishTag in fairQueue.ts.
-- Answers the pool; null: the task did not wait. The tenant's row must be locked.
create function ready_task(in_task bigint) returns text language plpgsql as $$
declare
	task record;
	tag record;
	has_place boolean := true;
begin
	select t.*, j.weight, j.running_cap into task from tasks t join jobs j on j.id = t.job_id where t.id = in_task and t.status = 'waiting';
	if not found then return null; end if;
	select order_key, floor_key into tag from tasks
		where job_id = task.job_id and run_index = task.run_index and pool = task.pool and order_key is not null order by order_key, id limit 1;
	if not found then
		with floored as (select floor_tag(task.tenant_id, task.pool, task.capability) as floor),
			tagged as (insert into line_tags as l (tenant_id, pool, capability, last_key)
				select task.tenant_id, task.pool, task.capability, greatest(f.floor, (select last_key from line_tags where tenant_id = task.tenant_id
					and pool = task.pool and capability = task.capability)) + virtual_cost((select sum(predicted_ms)::bigint from tasks
					where job_id = task.job_id and run_index = task.run_index and pool = task.pool and status <> 'skipped'), task.weight)
				from floored f on conflict (tenant_id, pool, capability) do update set last_key = excluded.last_key returning last_key)
			select last_key as order_key, floor as floor_key into tag from tagged, floored;
	end if;
	-- A picture that runs keeps its place; another takes one when its tenant's plan has one free.
	if task.running_cap is not null then
		update image_runs set active = true where job_id = task.job_id and index = task.run_index
			and (active or places_taken(task.tenant_id) < task.running_cap);
		has_place := found;
	end if;
	update tasks set status = 'ready', order_key = tag.order_key, floor_key = tag.floor_key, ready_at = clock_timestamp(), claimable = has_place
		where id = in_task;
	return task.pool;
end $$;

-- After a step ended: skips or readies those that waited for it, as decided ([{id, skip: reason or null}, ...] in workflow order), and ends the
-- picture after the last. Answers the pools that have work now. Tenant, task and job must be locked.
create function advance_run(in_job text, in_run int, decisions jsonb) returns text[] language plpgsql as $$
declare
	step record;
	skipped text;
	pools text[] := '{}';
begin
	for step in select * from jsonb_to_recordset(decisions) as d(id bigint, skip text) loop
		if step.skip is null then
			pools := pools || ready_task(step.id);
		else
			update tasks set status = 'skipped', skip_reason = step.skip, finished_at = clock_timestamp()
				where id = step.id and status = 'waiting' returning step_id into skipped;
			if found then
				perform append_event(in_job, 'step.skipped', jsonb_build_object('n', in_run, 'step', skipped, 'reason', step.skip));
			end if;
		end if;
	end loop;
	if not exists (select 1 from tasks where job_id = in_job and run_index = in_run and status not in ('done', 'skipped')) then
		perform succeed_run(in_job, in_run);
	end if;
	return array_remove(pools, null);
end $$;

-- Ends an attempt that succeeded, and all that follows: what waited for it goes on as decided, see advance_run. Called alone it is one transaction.
-- Answers {pools}, or, without having written anything, {refused}: 'lease_lost' (a late or foreign attempt), or 'moved' (more waits for the step
-- than was decided: another step of the picture ended meanwhile).
create function finish_step(in_task bigint, in_attempt int, in_worker text, left_behind jsonb, facts jsonb, ran_ms bigint, cost bigint, decisions jsonb)
returns jsonb language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
	task record;
	cap int;
	decided bigint[];
	ended text[];
	pools text[];
begin
	-- Tenant, task and job, in the order everyone keeps.
	perform 1 from tenants where id = (select tenant_id from tasks where id = in_task) for no key update;
	select job_id, tenant_id, run_index, step_id, pool into task from tasks
		where id = in_task and attempt = in_attempt and worker_id = in_worker and status = 'running' for update;
	if not found then return jsonb_build_object('refused', 'lease_lost'); end if;
	select running_cap into cap from jobs where id = task.job_id for update;

	decided := array(select d.id from jsonb_to_recordset(decisions) as d(id bigint));
	ended := array(select step_id from tasks where job_id = task.job_id and run_index = task.run_index
		and (status in ('done', 'skipped') or id = in_task or id in (select d.id from jsonb_to_recordset(decisions) as d(id bigint, skip text) where d.skip is not null)));
	if exists (select 1 from tasks where job_id = task.job_id and run_index = task.run_index and status = 'waiting' and id <> all(decided) and needs <@ ended) then
		return jsonb_build_object('refused', 'moved');
	end if;

	update tasks set status = 'done', outputs = left_behind, data = facts, progress = 1, lease_until = null, run_ms = ran_ms,
		cost_micro_usd = coalesce(cost_micro_usd, 0) + cost, finished_at = clock_timestamp() where id = in_task;
	delete from task_uploads where task_id = in_task;
	perform append_event(task.job_id, 'step.finished', jsonb_build_object('n', task.run_index, 'step', task.step_id, 'ms', ran_ms));
	pools := task.pool || advance_run(task.job_id, task.run_index, decisions);
	perform close_job(task.job_id);
	if cap is not null then pools := pools || fill_places(task.tenant_id, cap); end if;
	return jsonb_build_object('pools', to_jsonb(pools));
end $$;
