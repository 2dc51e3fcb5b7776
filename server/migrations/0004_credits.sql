-- For: credit that is added or taken once however often the request is repeated; quotes whose lines say of which kind they are.
-- Locks: `add column` without a default is an instant; the index is built under a lock that stops writers of the ledger, seconds at a
-- million rows. The update touches only jobs accepted before lines had kinds. Safe while old code runs: it reads neither.

alter table ledger_entries add column reference text; -- the request that made it; null: none was named
create unique index ledger_once_per_reference on ledger_entries (tenant_id, reference) where reference is not null;

update jobs set quote = jsonb_set(quote, '{lines}',
		(select jsonb_agg(line || '{"kind": "list", "covers": null}' order by place) from jsonb_array_elements(quote->'lines') with ordinality as l(line, place)))
	where jsonb_path_exists(quote, '$.lines[*] ? (!exists (@.kind))');
