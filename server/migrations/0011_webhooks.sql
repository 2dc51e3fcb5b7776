-- For: webhooks. What happened is written with what made it true: an event, and one delivery for each address that is told of it. Whoever
-- delivers reads from here; no job ever waits for a receiver.
-- Locks: every table is new; the trigger is added under a lock that stops writers of job_events for an instant. Safe while old code runs: without
-- endpoints the trigger finds nobody to tell.

create table webhook_endpoints (
	id text primary key,
	tenant_id text not null references tenants (id),
	url text not null,
	description text not null,
	types text[] not null, -- 'job.failed', 'job.*' or '*'
	enabled boolean not null default true,
	disabled_by text check (disabled_by in ('owner', 'gone', 'failing')), -- gone: it answered 410; failing: nothing but failures for days
	disabled_at timestamptz,
	failing_since timestamptz, -- the first failed attempt since the last that was taken
	tell_after timestamptz, -- its managers are still to be told by mail that it was disabled; not before this moment
	created_at timestamptz not null default clock_timestamp()
);
create index on webhook_endpoints (tenant_id);
create index on webhook_endpoints (tell_after) where tell_after is not null;

-- Kept readable: they sign. Of an endpoint, or of a tenant for the addresses that requests name.
create table webhook_secrets (
	id text primary key, -- endpoint or tenant
	secret text not null,
	previous text, -- signs too, until then
	previous_until timestamptz
);

-- The address that one request named for itself: of a job or a batch. Written in the transaction that accepts it.
create table request_webhooks (
	subject_id text primary key,
	tenant_id text not null,
	url text not null,
	types text[] not null,
	created_at timestamptz not null default clock_timestamp()
);

-- Only what somebody is told of.
create table webhook_events (
	id text primary key, -- the message's id, the same over retries and receivers
	tenant_id text not null,
	type text not null,
	subject_id text not null,
	data jsonb not null,
	created_at timestamptz not null default clock_timestamp()
);
create index on webhook_events (tenant_id, subject_id);
create index on webhook_events (created_at);

create table webhook_deliveries (
	id text primary key,
	event_id text not null references webhook_events (id) on delete cascade,
	tenant_id text not null,
	endpoint_id text references webhook_endpoints (id) on delete cascade,
	url text, -- that the request named; null: the endpoint's, as it is when it is sent
	destination text not null, -- one of them being slow delays no other
	status text not null default 'pending' check (status in ('pending', 'delivered', 'failed', 'dropped')),
	due_at timestamptz not null default clock_timestamp(), -- while it is being sent: when its lease ends
	claims int not null default 0, -- how often it was taken to be sent; a result of an earlier claim is refused
	failures int not null default 0, -- on the schedule it is on now
	most_failures int not null default 10,
	ended_at timestamptz,
	check ((endpoint_id is null) <> (url is null))
);
create index webhook_deliveries_due on webhook_deliveries (due_at) where status = 'pending';
create index webhook_deliveries_line on webhook_deliveries (destination, due_at) where status = 'pending';
create index on webhook_deliveries (event_id);
create index on webhook_deliveries (endpoint_id, id);
create index on webhook_deliveries (tenant_id, id);

create table webhook_attempts (
	delivery_id text not null references webhook_deliveries (id) on delete cascade,
	number int not null, -- the claim it was
	url text not null,
	started_at timestamptz not null,
	duration_ms int not null,
	status int, -- null: no answer
	note text, -- why it failed, in words
	answer text, -- the body, cut
	primary key (delivery_id, number)
);

-- What a tenant was told of its month, so that it is told once.
create table quota_notices (
	tenant_id text not null,
	unit text not null,
	period text not null,
	type text not null,
	primary key (tenant_id, unit, period, type)
);

-- 32 hexadecimal digits: milliseconds since 1970, then 76 random bits, so that ids sort by time and cannot be guessed.
create function new_id(prefix text) returns text language sql volatile as $$
	select prefix || '_' || lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
		|| substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)
$$;

create function wants_type(types text[], event_type text) returns boolean language sql immutable as $$
	select types && array['*', split_part(event_type, '.', 1) || '.*', event_type]
$$;

-- Tells everybody who listens, in the caller's transaction: the tenant's endpoints for the type, and the address the subject's own request named.
-- Returns the event's id; null: nobody listens, and nothing is written. Locks no row that anything but deleting an endpoint would wait for.
create function emit_event(tenant text, event_type text, subject text, event_data jsonb) returns text language plpgsql as $$
declare
	event text;
begin
	with listeners as materialized (
		select e.id as endpoint, null as address, e.id as destination from webhook_endpoints e
			where e.tenant_id = tenant and e.enabled and wants_type(e.types, event_type)
		union all select null, r.url, tenant || ' ' || substring(r.url from '^[^:]+://[^/?#]+') from request_webhooks r
			where r.subject_id = subject and r.tenant_id = tenant and wants_type(r.types, event_type)),
	happened as (
		insert into webhook_events (id, tenant_id, type, subject_id, data)
		select new_id('evt'), tenant, event_type, subject, event_data where exists (select 1 from listeners) returning id),
	told as (
		insert into webhook_deliveries (id, event_id, tenant_id, endpoint_id, url, destination)
		select new_id('dlv'), h.id, tenant, l.endpoint, l.address, l.destination from happened h, listeners l)
	select id into event from happened;
	return event;
end $$;

-- Whatever ends a job, in whatever way, writes its event: so nothing is forgotten here.
create function emit_job_event() returns trigger language plpgsql as $$
begin
	perform emit_event(new.tenant_id, new.type, new.job_id, new.data);
	return null;
end $$;
create trigger job_events_emit after insert on job_events for each row
	when (new.type in ('job.started', 'job.succeeded', 'job.partial', 'job.failed', 'job.cancelled')) execute function emit_job_event();

-- Tells a tenant that its month's quota is nearly, or all, drawn: once for each unit and month, and not before somebody listens.
create function tell_quota(tenant text, quota_unit text, quota_period text, quota_limit bigint) returns void language plpgsql as $$
declare
	drawn bigint;
	notice text;
begin
	select coalesce(sum(amount), 0) into drawn from balances
		where tenant_id = tenant and unit = quota_unit and period = quota_period and account in ('held', 'used');
	notice := case when drawn >= quota_limit then 'quota.exhausted' when drawn * 5 >= quota_limit * 4 then 'quota.warning' end;
	-- Whoever knows that it is all drawn is not warned afterwards.
	if notice is null or exists (select 1 from quota_notices where tenant_id = tenant and unit = quota_unit and period = quota_period
			and type in (notice, 'quota.exhausted')) then
		return;
	end if;
	if emit_event(tenant, notice, quota_unit,
			jsonb_build_object('unit', quota_unit, 'period', quota_period, 'limit', quota_limit, 'drawn', drawn)) is not null then
		insert into quota_notices (tenant_id, unit, period, type) values (tenant, quota_unit, quota_period, notice);
	end if;
end $$;

-- submit_job, and with it what its tenant is told: the address the request named is known before anything happens to the job.
create function accept_job(draft jsonb) returns jsonb language plpgsql as $$
declare
	answer jsonb := submit_job(draft);
	quota record;
begin
	if answer->>'refused' is not null then return answer; end if;
	-- Seen on the embedded database under heavy load: nothing may be accepted that would never end.
	if jsonb_typeof(answer->'tasks') = 'null' then raise exception 'the steps of % were not written', draft->>'id'; end if;
	if draft->'webhook'->>'url' is not null then
		insert into request_webhooks (subject_id, tenant_id, url, types)
			values (draft->>'id', draft->>'tenantId', draft->'webhook'->>'url', array(select jsonb_array_elements_text(draft->'webhook'->'types')));
	end if;
	for quota in select * from jsonb_to_recordset(draft->'quotas') as q(unit text, period text, "limit" bigint, drawn bigint) where q.drawn > 0 loop
		perform tell_quota(draft->>'tenantId', quota.unit, quota.period, quota."limit");
	end loop;
	return answer;
end $$;
