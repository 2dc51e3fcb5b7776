-- For: workflows that accounts save, share and version.
-- Locks: nothing that exists; both tables are new. Safe while old code runs: it reads neither.

create table workflows (
	id text primary key,
	tenant_id text not null references tenants (id),
	slug text not null,
	visibility text not null check (visibility in ('private', 'organisation', 'link')),
	link text unique, -- set while it is shared by link; whoever has it may look and run
	author text, -- the key that saved it first; null: this machine's own token
	newest int not null, -- its latest version
	created_at timestamptz not null default clock_timestamp(),
	archived_at timestamptz
);
create unique index workflows_by_slug on workflows (tenant_id, slug) where archived_at is null;

-- Never changed and never deleted: jobs name the version they were accepted with.
create table workflow_versions (
	workflow_id text not null references workflows (id),
	version int not null,
	digest text not null, -- SHA-256 of the content, hex
	content json not null, -- not jsonb: the order of a graph's nodes is kept
	author text,
	created_at timestamptz not null default clock_timestamp(),
	primary key (workflow_id, version)
);
