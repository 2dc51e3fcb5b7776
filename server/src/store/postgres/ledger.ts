import { GlassworksError } from "../../domain/errors.ts";
import { type Session, sql } from "../sql.ts";

/** Credit that is free to be held, and what is held. */
export async function readBalance(session: Session, tenantId: string): Promise<{ creditMicroUsd: number; heldMicroUsd: number }> {
	const [row] = await session.query<{ creditMicroUsd: number; heldMicroUsd: number }>(sql`select
		coalesce(sum(case when credit = 'credit' then amount_micro_usd when debit = 'credit' then -amount_micro_usd end), 0)::bigint as "creditMicroUsd",
		coalesce(sum(case when credit = 'held' then amount_micro_usd when debit = 'held' then -amount_micro_usd end), 0)::bigint as "heldMicroUsd"
		from ledger_entries where tenant_id = ${tenantId}`);
	return row ?? { creditMicroUsd: 0, heldMicroUsd: 0 };
}

/** Sets the price aside. The tenant's row must be locked. @throws {GlassworksError} insufficient_credit */
export async function holdCredit(tx: Session, hold: { tenantId: string; jobId: string; amount: number; postpaid: boolean }): Promise<void> {
	if (hold.amount > 0 && !hold.postpaid) {
		const { creditMicroUsd } = await readBalance(tx, hold.tenantId);
		if (creditMicroUsd < hold.amount)
			throw new GlassworksError("insufficient_credit", `This costs $${hold.amount / 1e6}; $${creditMicroUsd / 1e6} of credit is left.`, {
				price_micro_usd: hold.amount,
				credit_micro_usd: creditMicroUsd,
			});
	}
	await tx.query(sql`insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd)
		values (${hold.tenantId}, ${hold.jobId}, 'hold', 'credit', 'held', ${hold.amount})`);
}

/** Charges every step of a finished picture that really ran. Unique per task: a second settlement of one is impossible. */
export async function settleRun(tx: Session, jobId: string, runIndex: number): Promise<void> {
	await tx.query(sql`insert into ledger_entries (tenant_id, job_id, task_id, kind, debit, credit, amount_micro_usd, attempt)
		select tenant_id, job_id, id, 'settle', 'held', 'revenue', price_micro_usd, attempt from tasks
		where job_id = ${jobId} and run_index = ${runIndex} and status = 'done'`);
}

/** Gives back what was held and not charged. Once per job. */
export async function releaseHold(tx: Session, jobId: string): Promise<void> {
	await tx.query(sql`insert into ledger_entries (tenant_id, job_id, kind, debit, credit, amount_micro_usd)
		select j.tenant_id, j.id, 'release', 'held', 'credit',
			j.held_micro_usd - coalesce((select sum(amount_micro_usd) from ledger_entries where job_id = j.id and kind = 'settle'), 0)
		from jobs j where j.id = ${jobId}`);
}
