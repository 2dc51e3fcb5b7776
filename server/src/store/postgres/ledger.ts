import { type Session, sql } from "../sql.ts";

/** Credit that is free to be held, and what is held. */
export async function readBalance(session: Session, tenantId: string): Promise<{ creditMicroUsd: number; heldMicroUsd: number }> {
	const [row] = await session.query<{ creditMicroUsd: number; heldMicroUsd: number }>(sql`select
		coalesce(sum(amount) filter (where account = 'credit'), 0)::bigint as "creditMicroUsd",
		coalesce(sum(amount) filter (where account = 'held'), 0)::bigint as "heldMicroUsd"
		from balances where tenant_id = ${tenantId} and unit = 'usd'`);
	return row ?? { creditMicroUsd: 0, heldMicroUsd: 0 };
}

/**
 * Charges every step of a finished picture that really ran: its price, and one of each quota unit it draws. Unique per task and unit: a
 * second settlement of one is impossible.
 */
export async function settleRun(tx: Session, jobId: string, runIndex: number): Promise<void> {
	await tx.query(sql`insert into ledger_entries (tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd, attempt, unit, period)
		select tenant_id, job_id, id, 'settle', 'held', 'revenue', price_micro_usd, attempt, 'usd', '' from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and status = 'done'
		union all
		select t.tenant_id, t.job_id, t.id, 'settle', 'held', 'used', 1, t.attempt, h.unit, h.period from tasks t
		join ledger_entries h on h.job_id = t.job_id and h.kind = 'hold' and h.unit = any(t.quota_units)
		where t.job_id = ${jobId} and t.run_index = ${runIndex} and t.status = 'done'`);
}

/** Gives back what was held and not taken, of money and of quotas. Once per job and unit. */
export async function releaseHold(tx: Session, jobId: string): Promise<void> {
	await tx.query(sql`insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd, unit, period)
		select h.tenant_id, h.job_id, 'release', 'held', h.debit,
			h.amount_micro_usd - coalesce((select sum(s.amount_micro_usd) from ledger_entries s
				where s.job_id = h.job_id and s.kind = 'settle' and s.unit = h.unit), 0), h.unit, h.period
		from ledger_entries h where h.job_id = ${jobId} and h.kind = 'hold'`);
}
