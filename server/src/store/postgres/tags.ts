import { type Session, sql } from "../sql.ts";

/**
 * Writes down how far the capability's clock has got, before work that ran waits again with its old tag: else the clock would fall back to
 * that tag, and who comes next would start in the past. Under the worker's own name, so that workers do not wait for one another.
 */
export async function keepClock(
	tx: Session,
	{ pool, capability, workerId }: { pool: string; capability: string; workerId: string },
): Promise<void> {
	await tx.query(sql`insert into served_tags as s (pool, worker_id, capability, order_key)
		values (${pool}, ${workerId}, ${capability}, virtual_time(${pool}, ${capability}))
		on conflict (pool, worker_id, capability) do update set order_key = greatest(s.order_key, excluded.order_key)`);
}
