-- For: rates by the second, minute and hour that hold over all servers without Redis. Each takes some of what a window allows and counts that in memory.
-- Locks: the table is new. Safe while old code runs: it counts for itself, as before.

-- Unlogged: after a crash the windows begin anew, which costs nobody anything, and no request waits for the disk.
create unlogged table rate_windows (
	key text primary key, -- who does what, in windows of which length
	ends_at timestamptz not null,
	taken bigint not null, -- by all servers together, never more than the rate
	granted bigint not null -- to the last that asked
);
create index on rate_windows (ends_at);
