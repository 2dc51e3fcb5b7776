import type { ResultMail, ResultMails } from "../../domain/mail/resultMails.ts";
import { type Database, sql } from "../sql.ts";

export function createResultMails(database: Database): ResultMails {
	const mine = ({ subjectId, claims }: ResultMail) => sql`subject_id = ${subjectId} and claims = ${claims} and ended_at is null`;
	return {
		async claim(leaseMs) {
			const [mail] = await database.query<ResultMail>(sql`update result_mails
				set claims = claims + 1, due_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
				where subject_id = (select subject_id from result_mails where due_at <= clock_timestamp() and ended_at is null order by due_at limit 1
					for update skip locked)
				returning subject_id as "subjectId", tenant_id as "tenantId", address, claims`);
			return mail ?? null;
		},
		async end(mail, outcome) {
			// The address has served: nothing of it is kept.
			await database.query(
				sql`update result_mails set ended_at = clock_timestamp(), outcome = ${outcome}, address = '' where ${mine(mail)}`,
			);
		},
		async putOff(mail, delayMs) {
			await database.query(
				sql`update result_mails set due_at = clock_timestamp() + ${delayMs}::float8 * interval '1 millisecond' where ${mine(mail)}`,
			);
		},
		async isOfMember(tenantId, address) {
			const rows = await database.query(sql`select 1 as one from members m join people p on p.id = m.user_id
				where m.tenant_id = ${tenantId} and p.email = lower(${address}) and p.email_verified`);
			return rows.length > 0;
		},
	};
}
