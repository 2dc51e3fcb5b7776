import { GlassworksError } from "../../../domain/errors.ts";
import type { EndpointChange, WebhookEndpoint, WebhookStore } from "../../../domain/webhooks/webhookStore.ts";
import { type Database, type Query, type Session, sql } from "../../sql.ts";

/** How many a tenant may have. */
const mostEndpoints = 50;

export const endpointColumns: Query = sql`e.id, e.tenant_id as "tenantId", e.url, e.description, e.types, e.enabled, e.disabled_by as "disabledBy",
	e.disabled_at as "disabledAt", e.failing_since as "failingSince", e.created_at as "createdAt"`;

/** @throws {GlassworksError} not_found */
export async function readEndpoint(session: Session, tenantId: string, id: string): Promise<WebhookEndpoint> {
	const [found] = await session.query<WebhookEndpoint>(
		sql`select ${endpointColumns} from webhook_endpoints e where e.id = ${id} and e.tenant_id = ${tenantId}`,
	);
	if (!found) throw new GlassworksError("not_found", `No webhook ${id}.`);
	return found;
}

/** @throws {GlassworksError} not_found, webhook_disabled */
export async function requireEnabled(session: Session, tenantId: string, id: string): Promise<void> {
	if ((await readEndpoint(session, tenantId, id)).enabled) return;
	throw new GlassworksError("webhook_disabled", "The webhook is disabled. Enable it first.");
}

/** Nothing more is sent to it: what waited is dropped. It can be sent again from the log. */
export async function dropPending(tx: Session, endpointId: string): Promise<void> {
	await tx.query(
		sql`update webhook_deliveries set status = 'dropped', ended_at = clock_timestamp() where endpoint_id = ${endpointId} and status = 'pending'`,
	);
}

export function createEndpoints(database: Database): Pick<WebhookStore, "create" | "list" | "get" | "change" | "remove"> {
	return {
		create: ({ id, tenantId, url, description, types, enabled, secret, idempotencyKey }) =>
			database.transaction(async (tx) => {
				await tx.query(sql`select 1 from tenants where id = ${tenantId} for no key update`);
				const [made] =
					await tx.query(sql`insert into webhook_endpoints (id, tenant_id, url, description, types, enabled, disabled_by, disabled_at)
					select ${id}, ${tenantId}, ${url}, ${description}, ${types}::text[], ${enabled}::boolean, case when not ${enabled}::boolean then 'owner' end,
						case when not ${enabled}::boolean then clock_timestamp() end
					where (select count(*) from webhook_endpoints where tenant_id = ${tenantId}) < ${mostEndpoints} returning id`);
				if (!made) throw new GlassworksError("webhook_limit", `An account has at most ${mostEndpoints} webhooks.`, { max: mostEndpoints });
				await tx.query(sql`insert into webhook_secrets (id, secret) values (${id}, ${secret})`);
				if (idempotencyKey !== null)
					await tx.query(sql`update idempotency_keys set job_id = ${id} where tenant_id = ${tenantId} and key = ${idempotencyKey}`);
				return readEndpoint(tx, tenantId, id);
			}),
		async list(tenantId, { limit, before }) {
			const found = await database.query<WebhookEndpoint>(sql`select ${endpointColumns} from webhook_endpoints e
				where e.tenant_id = ${tenantId} and (${before}::text is null or e.id < ${before}) order by e.id desc limit ${limit + 1}`);
			const endpoints = found.slice(0, limit);
			return { endpoints, next: found.length > limit ? (endpoints.at(-1)?.id ?? null) : null };
		},
		get: (tenantId, id) => readEndpoint(database, tenantId, id),
		change: (tenantId, id, change) => database.transaction((tx) => changeEndpoint(tx, tenantId, id, change)),
		remove: (tenantId, id) =>
			database.transaction(async (tx) => {
				const gone = await tx.query(sql`delete from webhook_endpoints where id = ${id} and tenant_id = ${tenantId} returning id`);
				if (gone.length === 0) throw new GlassworksError("not_found", `No webhook ${id}.`);
				await tx.query(sql`delete from webhook_secrets where id = ${id}`);
			}),
	};
}

async function changeEndpoint(tx: Session, tenantId: string, id: string, change: EndpointChange): Promise<WebhookEndpoint> {
	const { url = null, description = null, types = null, enabled = null } = change;
	// Enabled anew, or somewhere else: what it did before no longer counts against it.
	const changed =
		await tx.query(sql`update webhook_endpoints set url = coalesce(${url}::text, url), description = coalesce(${description}::text, description),
			types = coalesce(${types}::text[], types), enabled = coalesce(${enabled}::boolean, enabled),
			disabled_by = case when ${enabled}::boolean is null then disabled_by when ${enabled}::boolean then null else coalesce(disabled_by, 'owner') end,
			disabled_at = case when ${enabled}::boolean is null then disabled_at when ${enabled}::boolean then null else coalesce(disabled_at, clock_timestamp()) end,
			tell_after = case when ${enabled}::boolean then null else tell_after end,
			failing_since = case when ${enabled}::boolean and not enabled or url <> coalesce(${url}::text, url) then null else failing_since end
		where id = ${id} and tenant_id = ${tenantId} returning id`);
	if (changed.length === 0) throw new GlassworksError("not_found", `No webhook ${id}.`);
	if (enabled === false) await dropPending(tx, id);
	return readEndpoint(tx, tenantId, id);
}
