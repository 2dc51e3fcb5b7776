-- For: tenants, keys, workers, jobs, tasks, ledger, events: everything one generation needs.
-- Locks: nothing that exists; every table is new, so it is safe while old code runs (there is none).

create table settings (name text primary key, value text not null);

create table tenants (
	id text primary key,
	name text not null,
	plan text not null,
	postpaid boolean not null default false,
	created_at timestamptz not null default now()
);

create table api_keys (
	id text primary key,
	tenant_id text not null references tenants (id),
	name text not null,
	prefix text not null,
	secret_hash text not null unique, -- SHA-256, hex
	scopes text[] not null,
	created_at timestamptz not null default now(),
	expires_at timestamptz,
	revoked_at timestamptz
);
create index on api_keys (tenant_id);

create table sessions (
	token_hash text primary key,
	tenant_id text not null references tenants (id),
	key_id text not null references api_keys (id),
	expires_at timestamptz not null
);

create table workers (
	id text primary key,
	name text not null,
	kind text not null check (kind in ('local', 'remote')),
	pools text[] not null,
	allowed text[],
	token_hash text unique,
	capabilities text[] not null default '{}',
	loaded_model text,
	slots int not null default 1,
	last_seen_at timestamptz,
	created_at timestamptz not null default now(),
	revoked_at timestamptz
);

-- One row a pool: the largest tag put into service (moved about once a second) and whether it is paused.
create table pools (
	id text primary key,
	served_key bigint not null default 0,
	paused boolean not null default false
);

-- F_prev of fair queueing: the last tag each tenant got in each pool.
create table tenant_tags (
	tenant_id text not null references tenants (id),
	pool text not null,
	last_key bigint not null,
	primary key (tenant_id, pool)
);

create table jobs (
	id text primary key,
	tenant_id text not null references tenants (id),
	key_id text,
	status text not null check (status in ('scheduled', 'queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled')),
	workflow text not null,
	workflow_version int not null,
	model text not null,
	plan text not null,
	weight double precision not null,
	request jsonb not null,
	metadata jsonb not null,
	quote jsonb not null,
	held_micro_usd bigint not null,
	event_seq int not null default 0,
	created_at timestamptz not null default clock_timestamp(),
	run_after timestamptz,
	started_at timestamptz,
	finished_at timestamptz,
	error jsonb
);
create index on jobs (tenant_id, created_at desc, id desc);
create index on jobs (run_after) where status = 'scheduled';

create table image_runs (
	job_id text not null references jobs (id),
	index int not null,
	tenant_id text not null,
	seed bigint not null,
	status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed', 'cancelled')),
	error jsonb,
	primary key (job_id, index)
);

create table tasks (
	id bigint generated always as identity primary key,
	job_id text not null,
	run_index int not null,
	tenant_id text not null,
	step_id text not null,
	kind text not null,
	model text not null,
	capability text not null,
	pool text not null,
	optional boolean not null,
	needs text[] not null,
	status text not null check (status in ('waiting', 'scheduled', 'ready', 'running', 'done', 'skipped', 'failed', 'cancelled')),
	order_key bigint, -- virtual microseconds; with id the pool's total order
	predicted_ms bigint not null,
	price_micro_usd bigint not null,
	attempt int not null default 0,
	failures int not null default 0, -- attempts that ended badly; work given back unharmed is none
	max_attempts int not null,
	worker_id text,
	lease_until timestamptz,
	not_before timestamptz,
	progress double precision not null default 0,
	skip_reason text,
	error jsonb,
	outputs jsonb not null default '{}',
	data jsonb not null default '{}',
	ready_at timestamptz,
	started_at timestamptz,
	finished_at timestamptz,
	foreign key (job_id, run_index) references image_runs (job_id, index),
	unique (job_id, run_index, step_id)
);
create index tasks_claim on tasks (pool, order_key, id) where status = 'ready';
create index tasks_capability on tasks (pool, capability, order_key) where status = 'ready';
create index tasks_tenant on tasks (tenant_id, pool) where status = 'ready';
create index tasks_running on tasks (pool, lease_until) where status = 'running';

-- What a worker uploaded for one attempt; finish makes it the task's outputs.
create table task_uploads (
	task_id bigint not null references tasks (id),
	attempt int not null,
	role text not null,
	picture jsonb not null,
	created_at timestamptz not null default now(),
	primary key (task_id, attempt, role)
);

-- Append-only double entry: every row moves an amount from one account to another. Balances are sums.
create table ledger_entries (
	id bigint generated always as identity primary key,
	tenant_id text not null references tenants (id),
	job_id text,
	task_id bigint,
	kind text not null check (kind in ('credit', 'hold', 'settle', 'release')),
	debit text not null check (debit in ('funding', 'credit', 'held')),
	credit text not null check (credit in ('credit', 'held', 'revenue')),
	amount_micro_usd bigint not null check (amount_micro_usd >= 0),
	attempt int,
	note text not null default '',
	created_at timestamptz not null default now()
);
create unique index ledger_once_per_task on ledger_entries (task_id) where kind = 'settle';
create unique index ledger_one_hold on ledger_entries (job_id) where kind = 'hold';
create unique index ledger_one_release on ledger_entries (job_id) where kind = 'release';
create index on ledger_entries (tenant_id);
create index on ledger_entries (job_id);

create table job_events (
	job_id text not null references jobs (id),
	seq int not null,
	tenant_id text not null,
	type text not null,
	data jsonb not null,
	created_at timestamptz not null default now(),
	primary key (job_id, seq)
);

create table assets (
	id text primary key,
	tenant_id text not null references tenants (id),
	picture jsonb not null,
	created_at timestamptz not null default now()
);
create index on assets (tenant_id);

create table idempotency_keys (
	tenant_id text not null references tenants (id),
	key text not null,
	body_hash text not null,
	locked_until timestamptz not null,
	job_id text,
	status int,
	body text,
	created_at timestamptz not null default now(),
	primary key (tenant_id, key)
);

-- Measured time of one run by capability: an online median.
create table service_times (capability text primary key, median_ms double precision not null, samples bigint not null);
