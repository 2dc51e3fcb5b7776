import { type Database, sql } from "../sql.ts";
import { releaseClaims } from "./webhooks/outbox.ts";

/** Ends what a killed process left open. Only for a database nobody else can have open. */
export async function forgetEarlierLife(database: Database): Promise<void> {
	await database.query(sql`update tasks set lease_until = clock_timestamp()
		where status = 'running' and worker_id in (select id from workers where kind = 'local')`);
	await database.query(sql`delete from workers where kind = 'local'`);
	await database.query(sql`update engines set holder = null, held_until = null`);
	await database.query(sql`update idempotency_keys set locked_until = now() where status is null`);
	await releaseClaims(database);
}
