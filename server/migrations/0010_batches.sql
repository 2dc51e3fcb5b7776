-- For: batches. Many requests accepted as one: priced and set aside together, turned into jobs a few at a time.
-- Locks: both tables are new; `add column` without a default is an instant. The index on ledger_entries is built under a lock that stops writers
-- of the ledger, seconds at a million rows. Safe while old code runs: it reads none of it, and a batch waits until new code feeds it.

create table batches (
	id text primary key,
	tenant_id text not null references tenants (id),
	key_id text,
	name text not null,
	state text not null default 'running' check (state in ('running', 'paused', 'completed', 'cancelled')),
	pause_reason text check (pause_reason in ('budget_paused', 'insufficient_credit', 'key_cap', 'asked')),
	items int not null,
	pictures int not null,
	discount_percent int not null, -- by the pictures of all items together; of every job of it
	quote jsonb not null,
	base jsonb not null, -- what the items' requests have in common
	budget_micro_usd bigint, -- null: no cap
	held_micro_usd bigint not null default 0, -- set aside for items that are not jobs yet
	committed_micro_usd bigint not null default 0, -- held by its jobs
	spent_micro_usd bigint not null default 0, -- taken by jobs that have ended
	start_at timestamptz,
	off_peak boolean not null,
	webhook jsonb, -- {url, types}: the address that its request named
	webhook_per_item boolean not null, -- it is told of its jobs too
	metadata jsonb not null,
	feed_after timestamptz not null default clock_timestamp(), -- when to look at it next; while a process feeds it, when another may
	created_at timestamptz not null default clock_timestamp(),
	started_at timestamptz, -- its first item became a job
	finished_at timestamptz -- completed or cancelled, and none of its jobs goes on
);
create index on batches (tenant_id, created_at desc, id desc);
create index batches_open on batches (feed_after) where finished_at is null;

-- waiting: not a job yet · submitted: a job · the rest: how it ended
create table batch_items (
	batch_id text not null references batches (id),
	index int not null,
	place int not null, -- the order in which items become jobs
	state text not null default 'waiting' check (state in ('waiting', 'submitted', 'succeeded', 'partial', 'failed', 'cancelled')),
	attempt int not null default 1,
	pictures int not null,
	request jsonb not null, -- what differs from the batch's base
	draws jsonb not null, -- of plan quotas, set aside while it waits: [{unit, period, drawn}]
	price_micro_usd bigint not null, -- at most what its job costs
	charged_micro_usd bigint not null default 0, -- all attempts
	job_id text, -- of this attempt; null: not a job yet, or refused before it was one
	job_ids text[] not null default '{}', -- of every attempt, in order
	error jsonb,
	settled_at timestamptz,
	primary key (batch_id, index)
);
create index batch_items_waiting on batch_items (batch_id, place) where state = 'waiting';
create index batch_items_submitted on batch_items (batch_id, index) where state = 'submitted';
create index batch_items_states on batch_items (batch_id, state, index);

alter table ledger_entries add column batch_id text; -- set aside for a batch, or given back by it
create index ledger_by_batch on ledger_entries (batch_id) where batch_id is not null;
