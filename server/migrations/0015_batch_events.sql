-- For: what happened to a batch, in order, so that whoever follows it misses nothing.
-- Locks: the table is new; the new column has a constant default and costs an instant. Safe while old code runs: what it does to a batch is not told, and
-- followers see the batch itself change.

alter table batches add column event_seq int not null default 0;
create table batch_events (
	batch_id text not null references batches (id) on delete cascade,
	seq int not null,
	tenant_id text not null,
	type text not null,
	data jsonb not null,
	created_at timestamptz not null default clock_timestamp(),
	primary key (batch_id, seq)
);
