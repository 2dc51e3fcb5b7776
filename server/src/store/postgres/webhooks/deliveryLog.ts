import { GlassworksError } from "../../../domain/errors.ts";
import { mostFailures } from "../../../domain/webhooks/schedule.ts";
import type { DeliveryAttempt, DeliveryFilter, WebhookDelivery, WebhookStore } from "../../../domain/webhooks/webhookStore.ts";
import { type Database, type Query, type Session, sql } from "../../sql.ts";
import { requireEnabled } from "./endpoints.ts";

/** Of an answer's body, where many are listed. */
const shownInLists = 1_000;

interface Row extends Omit<WebhookDelivery, "event" | "attempts"> {
	eventId: string;
	type: string;
	subjectId: string;
	createdAt: Date;
}

export function createDeliveryLog(database: Database): Pick<WebhookStore, "test" | "deliveries" | "delivery" | "redeliver"> {
	return {
		test: (tenantId, id) =>
			database.transaction(async (tx) => {
				await requireEnabled(tx, tenantId, id);
				const [made] = await tx.query<{ id: string }>(sql`with happened as (
						insert into webhook_events (id, tenant_id, type, subject_id, data)
						values (new_id('evt'), ${tenantId}, 'webhook.test', ${id}, jsonb_build_object('webhook', ${id}::text)) returning id)
					insert into webhook_deliveries (id, event_id, tenant_id, endpoint_id, destination, most_failures)
					select new_id('dlv'), id, ${tenantId}, ${id}, ${id}, 1 from happened returning id`);
				if (!made) throw new Error("no test delivery was written");
				return made.id;
			}),
		async deliveries(tenantId, filter, { limit, before }) {
			const which = sql`where d.tenant_id = ${tenantId} and (${before}::text is null or d.id < ${before}) ${conditions(filter)}`;
			const found = await readDeliveries(database, sql`${which} order by d.id desc limit ${limit + 1}`, shownInLists);
			const deliveries = found.slice(0, limit);
			return { deliveries, next: found.length > limit ? (deliveries.at(-1)?.id ?? null) : null };
		},
		delivery: (tenantId, id) => readDelivery(database, tenantId, id),
		redeliver: (tenantId, id) =>
			database.transaction(async (tx) => {
				const { endpointId } = await readDelivery(tx, tenantId, id);
				if (endpointId !== null) await requireEnabled(tx, tenantId, endpointId);
				// One that is being sent right now stays with whoever sends it: a second one at the same time would tell nothing new.
				await tx.query(sql`update webhook_deliveries set status = 'pending', ended_at = null, failures = 0, most_failures = greatest(most_failures, ${mostFailures}),
						due_at = clock_timestamp()
					where id = ${id} and (status <> 'pending' or claims = 0 or exists (select 1 from webhook_attempts a where a.delivery_id = id and a.number = claims))`);
			}),
	};
}

function conditions({ endpointId, subjectId, status }: DeliveryFilter): Query {
	const ofEndpoint = endpointId === undefined ? sql`` : sql`and d.endpoint_id = ${endpointId}`;
	const ofSubject = subjectId === undefined ? sql`` : sql`and v.subject_id = ${subjectId}`;
	const ofStatus = status === undefined ? sql`` : sql`and d.status = ${status}`;
	return sql`${ofEndpoint} ${ofSubject} ${ofStatus}`;
}

async function readDelivery(session: Session, tenantId: string, id: string): Promise<WebhookDelivery> {
	const [found] = await readDeliveries(session, sql`where d.tenant_id = ${tenantId} and d.id = ${id}`, null);
	if (!found) throw new GlassworksError("not_found", `No delivery ${id}.`);
	return found;
}

/** `shown`: how many characters of an answer; null: all that was kept. */
async function readDeliveries(session: Session, which: Query, shown: number | null): Promise<WebhookDelivery[]> {
	const rows =
		await session.query<Row>(sql`select d.id, d.endpoint_id as "endpointId", coalesce(d.url, e.url) as url, d.status, d.due_at as "dueAt",
			d.ended_at as "endedAt", v.id as "eventId", v.type, v.subject_id as "subjectId", v.created_at as "createdAt"
		from webhook_deliveries d join webhook_events v on v.id = d.event_id left join webhook_endpoints e on e.id = d.endpoint_id ${which}`);
	if (rows.length === 0) return [];
	const attempts = await session.query<DeliveryAttempt & { deliveryId: string }>(sql`select delivery_id as "deliveryId", number, url,
			started_at as "startedAt", duration_ms as "durationMs", status, note, left(answer, ${shown ?? 1_000_000}) as answer
		from webhook_attempts where delivery_id = any(${rows.map(({ id }) => id)}) order by delivery_id, number`);
	const attemptsOf = Map.groupBy(attempts, ({ deliveryId }) => deliveryId);
	return rows.map(({ eventId, type, subjectId, createdAt, ...row }) => ({
		...row,
		event: { id: eventId, type, subjectId, createdAt },
		attempts: (attemptsOf.get(row.id) ?? []).map(({ deliveryId: _delivery, ...attempt }) => attempt),
	}));
}
