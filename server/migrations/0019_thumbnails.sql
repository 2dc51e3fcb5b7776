-- For: small versions of pictures, made when they are first asked for, counted and deleted with what they are of.
-- Locks: columns without a default and triggers cost an instant. Safe while old code runs: it neither reads nor writes them, and what it deletes, the triggers clear.

alter table image_runs add column thumbnail jsonb; -- of its finished picture, as the outputs of steps are; null: none was made yet
alter table assets add column thumbnail jsonb;

create function drop_thumbnail() returns trigger language plpgsql as $$
begin
	new.thumbnail := null;
	return new;
end $$;
create trigger image_runs_thumbnail_dropped before update of deleted_at on image_runs for each row when (new.deleted_at is not null) execute function drop_thumbnail();
create trigger assets_thumbnail_dropped before update of deleted_at on assets for each row when (new.deleted_at is not null) execute function drop_thumbnail();

create function count_thumbnail_blobs() returns trigger language plpgsql as $$
begin
	perform count_blobs(old.tenant_id, old.thumbnail, case when tg_op <> 'DELETE' then new.thumbnail end);
	return null;
end $$;
create trigger image_runs_thumbnail after update on image_runs for each row when (old.thumbnail is distinct from new.thumbnail) execute function count_thumbnail_blobs();
create trigger image_runs_thumbnail_gone after delete on image_runs for each row when (old.thumbnail is not null) execute function count_thumbnail_blobs();
create trigger assets_thumbnail after update on assets for each row when (old.thumbnail is distinct from new.thumbnail) execute function count_thumbnail_blobs();
create trigger assets_thumbnail_gone after delete on assets for each row when (old.thumbnail is not null) execute function count_thumbnail_blobs();
