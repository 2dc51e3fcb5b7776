-- For: engine servers that this server drives (ComfyUI, IOPaint, diffusers), what live workers can do in detail, and the descriptions of
-- ComfyUI's nodes that graphs are converted and checked with.
-- Locks: `add column` with a constant default is an instant; the rest is new. Safe while old code runs: it reads none of it.

create table engines (
	id text primary key,
	kind text not null check (kind in ('comfyui', 'iopaint', 'diffusers')),
	name text not null,
	url text not null unique,
	headers jsonb not null default '{}', -- sent with every request; may hold a secret, never shown
	settings jsonb not null default '{}',
	created_at timestamptz not null default clock_timestamp(),
	holder text, -- the process that drives it: one at a time
	held_until timestamptz
);

alter table workers add column traits jsonb not null default '{}'; -- by capability
alter table workers add column nodes_digest text;

create table node_catalogues (
	digest text primary key, -- SHA-256 of the text
	nodes jsonb not null,
	created_at timestamptz not null default clock_timestamp()
);
