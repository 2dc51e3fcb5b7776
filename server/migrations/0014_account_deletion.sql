-- For: accounts that are deleted for good, step by step and over restarts, while nothing new comes to them.
-- Locks: `add column` without a default and dropping a constraint are instants; the triggers are made under locks that stop writers of their tables
-- for an instant. Safe while old code runs: it deletes no account, and what it writes for one that is being deleted is refused by the triggers.

alter table tenants
	add column deletion_id text unique, -- the receipt: unguessable
	add column deletion_asked_at timestamptz, -- from then on nobody acts for it
	add column deleted_at timestamptz; -- nothing is left but what the books need
create index tenants_being_deleted on tenants (id) where deletion_asked_at is not null and deleted_at is null;

-- A forecast is a measurement of the server: it outlives the job it was made for.
alter table forecasts drop constraint forecasts_job_id_fkey;

-- Whoever was let in just before the account's deletion was asked for still makes nothing after it: asking waits for those that hold the lock, and
-- they for it.
create function refuse_for_deleted() returns trigger language plpgsql as $$
declare
	asked timestamptz;
begin
	select deletion_asked_at into asked from tenants where id = new.tenant_id for key share;
	if asked is not null then
		raise exception 'the account % is being deleted', new.tenant_id using errcode = 'GW002';
	end if;
	return new;
end $$;
create trigger jobs_of_the_living before insert on jobs for each row execute function refuse_for_deleted();
create trigger batches_of_the_living before insert on batches for each row execute function refuse_for_deleted();
create trigger assets_of_the_living before insert on assets for each row execute function refuse_for_deleted();
create trigger workflows_of_the_living before insert on workflows for each row execute function refuse_for_deleted();
create trigger api_keys_of_the_living before insert on api_keys for each row execute function refuse_for_deleted();
create trigger members_of_the_living before insert on members for each row execute function refuse_for_deleted();
create trigger invitations_of_the_living before insert on invitations for each row execute function refuse_for_deleted();
create trigger webhook_endpoints_of_the_living before insert on webhook_endpoints for each row execute function refuse_for_deleted();
create trigger idempotency_keys_of_the_living before insert on idempotency_keys for each row execute function refuse_for_deleted();
create trigger pools_of_the_living before insert on pools for each row when (new.tenant_id is not null) execute function refuse_for_deleted();

-- The ledger only grows; but words that somebody wrote into it go with the account.
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
	if tg_op = 'UPDATE' and new.note = '' and new.reference is null
			and to_jsonb(new) - 'note' - 'reference' = to_jsonb(old) - 'note' - 'reference'
			and exists (select 1 from tenants where id = old.tenant_id and deletion_asked_at is not null) then
		return new;
	end if;
	raise exception 'the ledger is append-only';
end $$;
