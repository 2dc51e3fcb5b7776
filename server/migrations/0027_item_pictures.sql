-- For: pictures of a batch's items are kept until the items are jobs. Those that were fetched from addresses, or whose upload was deleted meanwhile, were
-- nobody's, and gone an hour later.
-- Locks: `add column` with a constant default is an instant; the triggers are made under locks that stop writers of batches for an instant.
-- Safe while old code runs: the triggers count for it. Items of before are as they were: nothing of them was counted, and nothing is uncounted.

alter table batches add column holds_pictures boolean not null default false; -- those of its base
alter table batch_items add column holds_pictures boolean not null default false;

-- Whether the pictures are counted now: those that are gone by then are not, and the item fails when it is fed.
create function hold_pictures(tenant text, document jsonb) returns boolean language plpgsql as $$
begin
	if not jsonb_path_exists(document, 'strict $.** ? (@.type() == "object" && exists (@.sha256))') then return false; end if;
	perform count_blobs(tenant, null, document);
	return true;
exception when sqlstate 'GW001' then
	return false;
end $$;

create function hold_batch_pictures() returns trigger language plpgsql as $$
begin
	if tg_op = 'DELETE' then
		if old.holds_pictures then perform count_blobs(old.tenant_id, old.base, null); end if;
		return old;
	end if;
	if new.finished_at is null and not new.holds_pictures and (tg_op = 'INSERT' or old.finished_at is not null) then
		new.holds_pictures := hold_pictures(new.tenant_id, new.base);
	elsif new.finished_at is not null and new.holds_pictures then
		perform count_blobs(new.tenant_id, new.base, null);
		new.holds_pictures := false;
	end if;
	return new;
end $$;
create trigger batches_pictures before insert or delete or update of finished_at on batches for each row execute function hold_batch_pictures();

create function hold_item_pictures() returns trigger language plpgsql as $$
declare
	tenant text;
begin
	if tg_op = 'DELETE' then
		if old.holds_pictures then
			perform count_blobs((select tenant_id from batches where id = old.batch_id), old.request, null);
		end if;
		return old;
	end if;
	if new.state = 'waiting' and not new.holds_pictures and (tg_op = 'INSERT' or old.state <> 'waiting') then
		select tenant_id into tenant from batches where id = new.batch_id;
		new.holds_pictures := hold_pictures(tenant, new.request);
	elsif new.state <> 'waiting' and new.holds_pictures then
		select tenant_id into tenant from batches where id = new.batch_id;
		perform count_blobs(tenant, new.request, null);
		new.holds_pictures := false;
	end if;
	return new;
end $$;
create trigger batch_items_pictures before insert or delete or update of state on batch_items for each row execute function hold_item_pictures();
