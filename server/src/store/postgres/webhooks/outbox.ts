import type { DueDelivery, Outbox, Verdict, WebhookEndpoint, WebhookStats } from "../../../domain/webhooks/webhookStore.ts";
import { type Database, type Session, sql } from "../../sql.ts";
import { claimDeliveries } from "./claimDeliveries.ts";
import { dropPending, endpointColumns } from "./endpoints.ts";

/** An endpoint that did nothing but fail for so long is disabled. */
const patience = sql`interval '5 days'`;

export function createOutbox(database: Database): Outbox {
	return {
		claim: (request) => claimDeliveries(database, request),
		record: (delivery, { url, startedAt, durationMs, status, note, answer }, verdict) =>
			database.transaction(async (tx) => {
				// Endpoint before delivery: removing an endpoint locks them in this order too.
				const isDisabled = delivery.endpointId !== null && (await judgeEndpoint(tx, delivery.endpointId, verdict));
				await tx.query(sql`insert into webhook_attempts (delivery_id, number, url, started_at, duration_ms, status, note, answer)
					select id, ${delivery.claim}, ${url}, ${startedAt}, ${durationMs}, ${status}, ${note}, ${answer} from webhook_deliveries where id = ${delivery.id}
					on conflict do nothing`);
				await moveDelivery(tx, delivery, verdict);
				if (verdict.kind === "gone" && delivery.endpointId === null) await forgetAddress(tx, delivery);
				if (isDisabled && delivery.endpointId !== null) await dropPending(tx, delivery.endpointId);
			}),
		async drop({ id, claim }) {
			await database.query(
				sql`update webhook_deliveries set status = 'dropped', ended_at = clock_timestamp() where id = ${id} and claims = ${claim} and status = 'pending'`,
			);
		},
		async giveBack({ id, claim }) {
			await database.query(
				sql`update webhook_deliveries set due_at = clock_timestamp() where id = ${id} and claims = ${claim} and status = 'pending'`,
			);
		},
		untold: (retryMs) =>
			database.query<WebhookEndpoint>(sql`with due as (
					select id from webhook_endpoints where tell_after <= clock_timestamp() limit 20 for update skip locked)
				update webhook_endpoints e set tell_after = clock_timestamp() + ${retryMs}::float8 * interval '1 millisecond'
				from due where e.id = due.id returning ${endpointColumns}`),
		async told(endpointId) {
			await database.query(sql`update webhook_endpoints set tell_after = null where id = ${endpointId}`);
		},
		async managersOf(tenantId) {
			const found = await database.query<{ email: string }>(sql`select p.email from members m join people p on p.id = m.user_id
				where m.tenant_id = ${tenantId} and m.role in ('owner', 'admin') and p.email_verified order by m.created_at, p.id`);
			return found.map(({ email }) => email);
		},
		purge: (olderThanMs) => purge(database, olderThanMs),
	};
}

/** What an attempt says about the endpoint. True: it was disabled for it. */
async function judgeEndpoint(tx: Session, endpointId: string, { kind }: Verdict): Promise<boolean> {
	if (kind === "delivered") {
		await tx.query(sql`update webhook_endpoints set failing_since = null where id = ${endpointId} and failing_since is not null`);
		return false;
	}
	await tx.query(sql`update webhook_endpoints set failing_since = clock_timestamp() where id = ${endpointId} and failing_since is null`);
	const disabled =
		await tx.query(sql`update webhook_endpoints set enabled = false, disabled_at = clock_timestamp(), tell_after = clock_timestamp(),
			disabled_by = ${kind === "gone" ? "gone" : "failing"}
		where id = ${endpointId} and enabled and (${kind === "gone"}::boolean or failing_since < clock_timestamp() - ${patience}) returning id`);
	return disabled.length > 0;
}

/** An address that a request named and that is gone: neither the request, nor the batch it may be an item of, tells it anything more. */
async function forgetAddress(tx: Session, { tenantId, destination, url, event }: DueDelivery): Promise<void> {
	await tx.query(sql`delete from request_webhooks where tenant_id = ${tenantId} and url = ${url} and (subject_id = ${event.subjectId} or subject_id in (
		select i.job_id from batches b join batch_items i on i.batch_id = b.id and i.state = 'submitted' where b.tenant_id = ${tenantId} and b.finished_at is null
		union all select id from batches where tenant_id = ${tenantId} and finished_at is null))`);
	await tx.query(sql`update batches set webhook = null where tenant_id = ${tenantId} and finished_at is null and webhook->>'url' = ${url}`);
	await tx.query(sql`update webhook_deliveries set status = 'dropped', ended_at = clock_timestamp()
		where destination = ${destination} and tenant_id = ${tenantId} and status = 'pending' and url = ${url}`);
}

async function moveDelivery(tx: Session, { id, claim }: DueDelivery, verdict: Verdict): Promise<void> {
	const retryInMs = verdict.kind === "failed" ? verdict.retryInMs : null;
	const status = verdict.kind === "delivered" ? "delivered" : retryInMs === null ? "failed" : "pending";
	await tx.query(sql`update webhook_deliveries set status = ${status}, failures = failures + ${verdict.kind === "delivered" ? 0 : 1},
			ended_at = ${status === "pending" ? null : new Date()},
			due_at = case when ${status === "pending"}::boolean then clock_timestamp() + ${retryInMs}::float8 * interval '1 millisecond' else due_at end
		where id = ${id} and claims = ${claim} and status = 'pending'`);
}

/** In small portions: on the embedded database everything else waits meanwhile. */
async function purge(database: Database, olderThanMs: number): Promise<void> {
	const before = sql`clock_timestamp() - ${olderThanMs}::float8 * interval '1 millisecond'`;
	for (let removed = 1; removed > 0; ) {
		const rows = await database.query(sql`delete from webhook_events where id in (
			select v.id from webhook_events v where v.created_at < ${before}
				and not exists (select 1 from webhook_deliveries d where d.event_id = v.id and (d.status = 'pending' or d.ended_at > ${before}))
			order by v.created_at limit 500) returning 1 as one`);
		removed = rows.length;
	}
	await database.query(sql`delete from request_webhooks r where r.created_at < ${before}
		and (exists (select 1 from jobs j where j.id = r.subject_id and j.finished_at < ${before})
			or exists (select 1 from batches b where b.id = r.subject_id and b.finished_at < ${before}))`);
	await database.query(sql`update webhook_secrets set previous = null, previous_until = null where previous_until < clock_timestamp()`);
}

/** Puts back what a process was sending that is known to be dead. */
export async function releaseClaims(database: Database): Promise<void> {
	await database.query(sql`update webhook_deliveries d set due_at = clock_timestamp() where status = 'pending' and claims > 0
		and not exists (select 1 from webhook_attempts a where a.delivery_id = d.id and a.number = d.claims)`);
}

export async function webhookStats(database: Database): Promise<WebhookStats> {
	const [row] = await database.query<WebhookStats>(sql`select
		(select count(*) from webhook_deliveries where status = 'pending') as pending,
		(select min(due_at) from webhook_deliveries where status = 'pending' and due_at <= statement_timestamp()) as "oldestDueAt",
		(select count(*) from webhook_endpoints where disabled_by in ('gone', 'failing')) as "disabledEndpoints"`);
	if (!row) throw new Error("the outbox did not answer");
	return row;
}
