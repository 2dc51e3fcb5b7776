-- For: caps of keys (spend a month, unfinished pictures, and more that is checked before), rates by the calendar, and the share of promises kept.
-- Locks: `add column` with a constant default is an instant. The indexes on jobs are built under a lock that stops its writers: seconds at a
-- million rows. Safe while old code runs: it makes keys without caps, and calls accept_job, which checks none.

alter table api_keys
	add column caps jsonb not null default '{}', -- see domain/plans/keyCaps.ts; what is not in it has no cap
	add column budget_id text; -- the first of the keys that replaced one another: they share what they may spend. null: itself
create index on api_keys (budget_id) where budget_id is not null;

-- What a key's jobs hold or took of credit, by the month (UTC) they were accepted in. Kept by the ledger, whoever writes it.
create table key_spend (
	budget_id text not null references api_keys (id) on delete cascade,
	period text not null,
	amount_micro_usd bigint not null,
	primary key (budget_id, period)
);
create function add_to_key_spend() returns trigger language plpgsql as $$
begin
	insert into key_spend as s (budget_id, period, amount_micro_usd)
		select coalesce(k.budget_id, k.id), to_char(j.created_at at time zone 'UTC', 'YYYY-MM'),
			case new.kind when 'hold' then new.amount_micro_usd else -new.amount_micro_usd end
		from jobs j join api_keys k on k.id = j.key_id where j.id = new.job_id
		on conflict (budget_id, period) do update set amount_micro_usd = s.amount_micro_usd + excluded.amount_micro_usd;
	return null;
end $$;
create trigger ledger_entries_key_spend after insert on ledger_entries for each row
	when (new.unit = 'usd' and new.kind in ('hold', 'release') and new.amount_micro_usd > 0) execute function add_to_key_spend();
insert into key_spend (budget_id, period, amount_micro_usd)
	select j.key_id, to_char(j.created_at at time zone 'UTC', 'YYYY-MM'),
		sum(case l.kind when 'hold' then l.amount_micro_usd else -l.amount_micro_usd end)
	from ledger_entries l join jobs j on j.id = l.job_id join api_keys k on k.id = j.key_id
	where l.unit = 'usd' and l.kind in ('hold', 'release') group by 1, 2;

-- Unfinished jobs of a key. A job leaves it once, with its end, so that all the other changes of its row stay HOT.
create index jobs_of_key on jobs (key_id) where finished_at is null and key_id is not null;
-- Jobs of a while: rows lie about in the order they came, which a BRIN index knows at almost no cost.
create index jobs_created on jobs using brin (created_at);

create function unfinished_pictures(budget text) returns bigint language sql stable as $$
	select count(*) from jobs j join image_runs r on r.job_id = j.id
	where j.key_id in (select k.id from api_keys k where k.id = budget or k.budget_id = budget) and j.finished_at is null and r.status = 'pending'
$$;

-- Accepts a job within its tenant's rate by the calendar and its key's caps, under the tenant's lock, so that no other can be counted between.
create function admit_job(draft jsonb) returns jsonb language plpgsql as $$
declare
	tenant text := draft->>'tenantId';
	price bigint := (draft->>'priceMicroUsd')::bigint;
	pictures int := jsonb_array_length(draft->'runs');
	most bigint := (draft->'rate'->>'requests')::bigint;
	since timestamptz := date_trunc(draft->'rate'->>'per', clock_timestamp() at time zone 'UTC') at time zone 'UTC';
	caps jsonb;
	budget text;
	used bigint;
begin
	perform 1 from tenants where id = tenant for no key update;
	if not found then return jsonb_build_object('refused', 'unauthenticated'); end if;

	if most is not null then
		-- What failed was not the tenant's doing.
		select count(*) into used from (select 1 from jobs where tenant_id = tenant and created_at >= since and status <> 'failed' limit most) as j;
		if used >= most then
			return jsonb_build_object('refused', 'rate_limited', 'waitS', ceil(extract(epoch from
				(since at time zone 'UTC' + ('1 ' || (draft->'rate'->>'per'))::interval) at time zone 'UTC' - clock_timestamp())));
		end if;
	end if;

	if draft->>'keyId' is not null then
		select k.caps, coalesce(k.budget_id, k.id) into caps, budget from api_keys k where k.id = draft->>'keyId';
		if caps ? 'spendMicroUsdPerMonth' and price > 0 then
			select amount_micro_usd into used from key_spend
				where budget_id = budget and period = to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM');
			used := coalesce(used, 0);
			if used + price > (caps->>'spendMicroUsdPerMonth')::bigint then
				return jsonb_build_object('refused', 'over_key_cap', 'max', caps->'spendMicroUsdPerMonth', 'used', used);
			end if;
		end if;
		if caps ? 'unfinishedPictures' then
			used := unfinished_pictures(budget);
			if used + pictures > (caps->>'unfinishedPictures')::bigint then
				return jsonb_build_object('refused', 'key_busy', 'max', caps->'unfinishedPictures', 'used', used);
			end if;
		end if;
	end if;
	return accept_job(draft);
end $$;
