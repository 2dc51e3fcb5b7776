import type { WebhookSecret, WebhookStore } from "../../../domain/webhooks/webhookStore.ts";
import { type Database, type Session, sql } from "../../sql.ts";
import { readEndpoint } from "./endpoints.ts";

/** Secrets of endpoints, and one of each tenant for the addresses that requests name. */
export function createSecrets(database: Database): Pick<WebhookStore, "secret" | "rotate"> {
	return {
		secret: (tenantId, endpointId, fresh) =>
			database.transaction(async (tx) => {
				if (endpointId !== null) await readEndpoint(tx, tenantId, endpointId);
				return readSecret(tx, endpointId ?? tenantId, fresh);
			}),
		rotate: (tenantId, endpointId, next, overlapMs) =>
			database.transaction(async (tx) => {
				if (endpointId !== null) await readEndpoint(tx, tenantId, endpointId);
				const id = endpointId ?? tenantId;
				await tx.query(sql`insert into webhook_secrets as s (id, secret) values (${id}, ${next}) on conflict (id) do update
					set secret = excluded.secret, previous = s.secret, previous_until = clock_timestamp() + ${overlapMs}::float8 * interval '1 millisecond'`);
				return readSecret(tx, id, next);
			}),
	};
}

async function readSecret(tx: Session, id: string, fresh: string): Promise<WebhookSecret> {
	await tx.query(sql`insert into webhook_secrets (id, secret) values (${id}, ${fresh}) on conflict do nothing`);
	const [found] =
		await tx.query<WebhookSecret>(sql`select secret, case when previous_until > clock_timestamp() then previous_until end as "previousUntil"
		from webhook_secrets where id = ${id}`);
	if (!found) throw new Error("a webhook's secret is missing");
	return found;
}
