-- For: the public status page (when the service was down or had no workers) and an account's open jobs, listed without reading past what ended.
-- Locks: the index on jobs is built under a lock that stops its writers: seconds at a million jobs. Safe while old code runs: it names none of this.

-- What lasted longer than a few minutes. Tells nothing of any account.
create table incidents (
	id bigint generated always as identity primary key,
	kind text not null check (kind in ('down', 'no_workers')), -- down: no server ran, or none reached the database
	began_at timestamptz not null,
	ended_at timestamptz -- null: it goes on
);
create unique index on incidents (kind) where ended_at is null;
create index on incidents (began_at);

-- One row: since when there is a record, when a server last said that it runs, and since when no worker takes work.
create table service_watch (
	one boolean primary key default true check (one),
	since timestamptz not null,
	seen_at timestamptz not null,
	idle_since timestamptz -- null: some worker takes work
);

create index jobs_open on jobs (tenant_id, created_at desc, id desc) where finished_at is null;
