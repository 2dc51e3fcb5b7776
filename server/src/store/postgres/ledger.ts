import { type Session, sql } from "../sql.ts";

/** Credit that is free to be held, and what is held. */
export async function readBalance(session: Session, tenantId: string): Promise<{ creditMicroUsd: number; heldMicroUsd: number }> {
	const [row] = await session.query<{ creditMicroUsd: number; heldMicroUsd: number }>(sql`select
		coalesce(sum(amount) filter (where account = 'credit'), 0)::bigint as "creditMicroUsd",
		coalesce(sum(amount) filter (where account = 'held'), 0)::bigint as "heldMicroUsd"
		from balances where tenant_id = ${tenantId} and unit = 'usd'`);
	return row ?? { creditMicroUsd: 0, heldMicroUsd: 0 };
}
