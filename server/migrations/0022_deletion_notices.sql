-- For: the owners of an account that is deleted are mailed when it was asked for and when it is done, though they are people no more by then.
-- Locks: the table is new. Safe while old code runs: it tells nobody.

create table deletion_notices (
	tenant_id text not null,
	address text not null,
	deletion_id text not null, -- the receipt
	was_told boolean not null default false, -- that it was asked for
	due_at timestamptz not null default clock_timestamp(), -- while a mail is being sent: when its lease ends
	claims int not null default 0, -- of the mail that is due now
	primary key (tenant_id, address)
);
