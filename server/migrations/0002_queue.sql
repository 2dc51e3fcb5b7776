-- For: fair order with shares per plan, running caps, quotas, operator's switches, forecasts and what they turned out to be.
-- Locks: `alter table ... add column` with a constant default rewrites nothing and holds its lock for an instant; jobs.due_at rewrites the table and
-- the new indexes on tasks are built under a lock that stops writers: seconds at a million rows. Safe while old code runs: every new column has a default
-- that means what old code meant, and balances are kept by a trigger, whoever writes the ledger.

alter table tenants
	add column dedicated_pools jsonb not null default '{}'; -- pool of the operator's file -> pool of this tenant's own workers

alter table workers
	add column paused boolean not null default false, -- claims nothing until resumed
	add column draining boolean not null default false; -- claims nothing more, for good

alter table pools
	add column tenant_id text references tenants (id), -- a dedicated pool: only this tenant's work
	add column base text; -- the pool of the operator's file whose steps it runs

-- A job's row changes with every event of it. Without its status in any index, and with room on its page, a change touches no index (a HOT
-- update): half the work of a claim. The new column is kept by the database, so that old code cannot forget it.
drop index jobs_run_after_idx;
alter table jobs
	set (fillfactor = 85),
	add column due_at timestamptz generated always as (case when status = 'scheduled' then run_after end) stored,
	add column running_cap int, -- pictures of its tenant at once; null: no cap
	add column requeues int not null default 0;

create index jobs_due on jobs (due_at) where due_at is not null;

alter table tasks
	add column plan text not null default '',
	add column claimable boolean not null default true, -- false: tagged, but its tenant runs as many pictures as its plan allows
	add column floor_key bigint, -- the earliest it may start, whatever else of its tenant waits for the same capability
	add column passed_at timestamptz, -- first claim that passed it over while it was first in line for its model
	add column list_micro_usd bigint not null default 0, -- price before discount and quota
	add column quota_units text[] not null default '{}', -- one of each is drawn from the plan's quota
	add column cost_micro_usd bigint, -- the operator's own cost, known when it ended
	add column loads_model boolean not null default false, -- its attempt began by loading the model: that time is learnt apart
	add column run_ms bigint, -- measured
	add column time_key text not null default '', -- capability, size and steps: tasks of one key take about as long
	add column prior_ms bigint; -- the operator's guess, scaled to this size and these steps
update tasks t set plan = j.plan, list_micro_usd = t.price_micro_usd from jobs j where j.id = t.job_id and t.status in ('waiting', 'scheduled', 'ready', 'running');

-- A picture takes one of its tenant's running places from its first claimable step until it ends.
alter table image_runs add column active boolean not null default false;
create index image_runs_active on image_runs (tenant_id) where active and status = 'pending';

-- Ranks and snapshots walk a pool's whole line; claims ask for one capability. Whoever ranks says `order_key > 0` (every tag is), which claims
-- do not: so the planner cannot answer a claim by walking the line past everything it may not take.
drop index tasks_claim;
-- What is read of many tasks at once lies in the index itself.
create index tasks_line on tasks (pool, order_key, id) include (capability, plan, predicted_ms, ready_at, claimable)
	where status = 'ready' and order_key > 0;
drop index tasks_capability;
create index tasks_capability on tasks (pool, capability, order_key, id) include (predicted_ms) where status = 'ready' and claimable;
drop index tasks_tenant;
create index tasks_tenant on tasks (tenant_id, pool, order_key, id) where status = 'ready';
create index tasks_parked on tasks (tenant_id, order_key, id) where status = 'ready' and not claimable;
create index tasks_optional on tasks (pool, ready_at) where status = 'ready' and optional;
create index tasks_ended on tasks (finished_at) where status in ('done', 'failed', 'skipped');

-- Rows change state a few times within minutes: dead ones are cleared early, and what stays is known to be visible, which index-only scans need.
alter table tasks set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table jobs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
-- Each event is written by a statement that has just locked its job: the check would only cost time, twice for every step.
alter table job_events drop constraint job_events_job_id_fkey;

-- The largest tag of each capability that each worker put into service: V is made of their maxima. A row per worker, so that no two claims
-- write one row; what workers now gone served is kept under worker ''. pools.served_key is no longer written: old code may still read it.
create table served_tags (
	pool text not null,
	worker_id text not null,
	capability text not null,
	order_key bigint not null,
	primary key (pool, worker_id, capability)
);
insert into served_tags (pool, worker_id, capability, order_key)
	select id, '', '', served_key from pools where served_key > 0
	union all select pool, '', capability, max(order_key) from tasks where status = 'running' group by pool, capability;

-- The last tag a tenant got, by capability. tenant_tags, which knew pools only, is left to old code.
create table line_tags (
	tenant_id text not null references tenants (id),
	pool text not null,
	capability text not null,
	last_key bigint not null,
	primary key (tenant_id, pool, capability)
);
insert into line_tags (tenant_id, pool, capability, last_key) select tenant_id, pool, capability, max(order_key) from tasks
	where status in ('ready', 'running') and order_key is not null group by 1, 2, 3;

-- Quotas are counted in the same ledger as money: `unit` usd (micro-dollars) or what the plan includes (image, inpainting), by month.
alter table ledger_entries
	add column unit text not null default 'usd',
	add column period text not null default '';
alter table ledger_entries drop constraint ledger_entries_kind_check;
alter table ledger_entries add constraint ledger_entries_kind_check check (kind in ('credit', 'withdrawal', 'hold', 'settle', 'release')) not valid;
alter table ledger_entries drop constraint ledger_entries_debit_check;
alter table ledger_entries add constraint ledger_entries_debit_check check (debit in ('funding', 'credit', 'held', 'plan')) not valid;
alter table ledger_entries drop constraint ledger_entries_credit_check;
alter table ledger_entries add constraint ledger_entries_credit_check check (credit in ('funding', 'credit', 'held', 'revenue', 'plan', 'used')) not valid;
drop index ledger_once_per_task;
create unique index ledger_once_per_task on ledger_entries (task_id, unit) where kind = 'settle';
drop index ledger_one_hold;
create unique index ledger_one_hold on ledger_entries (job_id, unit) where kind = 'hold';
drop index ledger_one_release;
create unique index ledger_one_release on ledger_entries (job_id, unit) where kind = 'release';

-- Sums of the ledger, kept by the database itself. `glassworks ledger verify` adds everything up again.
create table balances (
	tenant_id text not null references tenants (id),
	unit text not null,
	period text not null,
	account text not null,
	amount bigint not null,
	primary key (tenant_id, unit, period, account)
);
insert into balances (tenant_id, unit, period, account, amount)
	select tenant_id, unit, period, account, sum(amount) from (
		select tenant_id, unit, period, credit as account, amount_micro_usd as amount from ledger_entries
		union all select tenant_id, unit, period, debit, -amount_micro_usd from ledger_entries) as moves
	group by 1, 2, 3, 4 order by 1, 2, 3, 4;

create function add_to_balances() returns trigger language plpgsql as $$
begin
	if new.amount_micro_usd > 0 then
		insert into balances as b (tenant_id, unit, period, account, amount) values
			(new.tenant_id, new.unit, new.period, new.credit, new.amount_micro_usd), (new.tenant_id, new.unit, new.period, new.debit, -new.amount_micro_usd)
			on conflict (tenant_id, unit, period, account) do update set amount = b.amount + excluded.amount;
	end if;
	return null;
end $$;
create trigger ledger_entries_balances after insert on ledger_entries for each row execute function add_to_balances();

-- The ledger only grows.
create function refuse_change() returns trigger language plpgsql as $$
begin
	raise exception 'the ledger is append-only';
end $$;
create trigger ledger_entries_append_only before update or delete on ledger_entries
	for each row execute function refuse_change();

-- Measured times, as running medians: `run <key>` in ms on any worker, `run <key> on <worker>`, `ratio <capability>` of measured to guessed,
-- `load <model>` in ms. service_times, which knew capabilities only, is left to old code.
create table measured_times (
	key text primary key,
	value double precision not null,
	samples bigint not null,
	updated_at timestamptz not null default clock_timestamp()
);

-- What was foretold and how it came out: the measured error is the next forecast's range.
create table forecasts (
	id bigint generated always as identity primary key,
	job_id text not null references jobs (id),
	pool text not null,
	plan text not null,
	horizon int not null, -- how far ahead it looked, by class: errors differ
	made_at timestamptz not null default clock_timestamp(),
	point_ms double precision not null, -- before calibration
	p10_ms double precision not null,
	p50_ms double precision not null,
	p90_ms double precision not null,
	actual_ms double precision, -- null: the job has not ended
	gave_up_ms double precision -- cancelled only after its range was over: it was still waiting then
);
create index forecasts_open on forecasts (job_id) where actual_ms is null;
create index forecasts_kind on forecasts (pool, plan, horizon, made_at desc);
create index forecasts_made on forecasts (made_at);
