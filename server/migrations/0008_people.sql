-- For: people who sign in with an address and a password, belong to accounts with a role, and are invited by mail; keys that say when they
-- were last used and who made them.
-- Locks: `add column` without a default and `drop not null` are instants; the ids of sessions rewrite that table, which is small. All other
-- tables are new. Safe while old code runs: it reads and writes sessions of keys only, and those stay as they were.
-- people, credentials, verifications and sessions are better-auth's, under our names: a test holds them against what it asks for.

create table people (
	id text primary key,
	name text not null,
	email text not null unique, -- lower case
	email_verified boolean not null default false,
	image text,
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp()
);

create table credentials (
	id text primary key,
	account_id text not null,
	provider_id text not null,
	user_id text not null references people (id) on delete cascade,
	access_token text,
	refresh_token text,
	id_token text,
	access_token_expires_at timestamptz,
	refresh_token_expires_at timestamptz,
	scope text,
	password text, -- scrypt
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp(),
	unique (provider_id, account_id)
);
create index on credentials (user_id);

-- What a mailed link stands for. The identifier is kept as a hash.
create table verifications (
	id text primary key,
	identifier text not null,
	value text not null,
	expires_at timestamptz not null,
	created_at timestamptz not null default clock_timestamp(),
	updated_at timestamptz not null default clock_timestamp()
);
create index on verifications (identifier);

-- A session is a key's or a person's. A person's names the account they are in; null: they belong to none.
alter table sessions add column id text not null default gen_random_uuid()::text;
alter table sessions add column user_id text references people (id) on delete cascade;
alter table sessions add column ip_address text;
alter table sessions add column user_agent text;
alter table sessions add column created_at timestamptz not null default clock_timestamp();
alter table sessions add column updated_at timestamptz not null default clock_timestamp();
alter table sessions alter column key_id drop not null;
alter table sessions alter column tenant_id drop not null;
alter table sessions add constraint sessions_of_one check ((key_id is null) <> (user_id is null));
create unique index on sessions (id);
create index on sessions (user_id) where user_id is not null;
create index on sessions (expires_at);

create table members (
	tenant_id text not null references tenants (id),
	user_id text not null references people (id) on delete cascade,
	role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
	created_at timestamptz not null default clock_timestamp(),
	primary key (tenant_id, user_id)
);
create index on members (user_id);

create table invitations (
	id text primary key,
	tenant_id text not null references tenants (id),
	email text not null, -- lower case
	role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
	token_hash text not null unique, -- SHA-256 of what the mailed link holds, hex
	invited_by text references people (id) on delete set null, -- null: a key did
	created_at timestamptz not null default clock_timestamp(),
	expires_at timestamptz not null,
	unique (tenant_id, email)
);

alter table api_keys add column last_used_at timestamptz; -- up to a minute behind
alter table api_keys add column created_by text references people (id) on delete set null; -- null: a key or the machine's own token did
