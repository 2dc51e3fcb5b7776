import type { ClaimRequest, DueDelivery } from "../../../domain/webhooks/webhookStore.ts";
import { type Database, json, sql } from "../../sql.ts";

interface Claimed extends Omit<DueDelivery, "event"> {
	eventId: string;
	type: string;
	subjectId: string;
	data: DueDelivery["event"]["data"];
	createdAt: Date;
}

/**
 * Takes due deliveries for so long: `due_at` is when the lease ends. Walks from destination to destination and takes of each only what it may
 * be sent, so that a long line for one is not walked. A failing endpoint is sent one at a time: it holds a place of the tenant's, not all.
 */
export async function claimDeliveries(database: Database, request: ClaimRequest): Promise<DueDelivery[]> {
	const { limit, perDestination, perTenant, busyDestinations, busyTenants, leaseMs } = request;
	const claimed = await database.query<Claimed>(sql`with recursive destinations as (
			(select destination, tenant_id from webhook_deliveries where status = 'pending'
				and (select due_at from webhook_deliveries where status = 'pending' order by due_at limit 1) <= statement_timestamp()
				order by destination limit 1)
			union all select n.destination, n.tenant_id from destinations d cross join lateral (
				select w.destination, w.tenant_id from webhook_deliveries w where w.status = 'pending' and w.destination > d.destination
				order by w.destination limit 1) n),
		due as (
			select q.id, q.due_at, d.tenant_id, row_number() over (partition by d.tenant_id order by q.due_at) as nth
			from destinations d left join webhook_endpoints e on e.id = d.destination cross join lateral (
				select w.id, w.due_at from webhook_deliveries w
				where w.status = 'pending' and w.destination = d.destination and w.due_at <= statement_timestamp() order by w.due_at
				limit greatest(0, case when e.failing_since is null then ${perDestination}::int else 1 end
					- coalesce((${json(busyDestinations)}::jsonb->>d.destination)::int, 0))) q),
		chosen as (select id from due where nth <= ${perTenant}::int - coalesce((${json(busyTenants)}::jsonb->>tenant_id)::int, 0)
			order by due_at limit ${limit}),
		taken as materialized (select w.id from webhook_deliveries w where w.id in (select id from chosen)
			and w.status = 'pending' and w.due_at <= statement_timestamp() for update skip locked),
		moved as (update webhook_deliveries w set due_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond', claims = w.claims + 1
			from taken t where w.id = t.id returning w.*)
		select m.id, m.claims as claim, m.tenant_id as "tenantId", m.endpoint_id as "endpointId", m.destination, coalesce(m.url, e.url) as url,
			coalesce(e.enabled, true) as enabled, m.failures, m.most_failures as "mostFailures",
			array_remove(array[s.secret, case when s.previous_until > clock_timestamp() then s.previous end], null) as secrets,
			v.id as "eventId", v.type, v.subject_id as "subjectId", v.data, v.created_at as "createdAt"
		from moved m join webhook_events v on v.id = m.event_id left join webhook_endpoints e on e.id = m.endpoint_id
			left join webhook_secrets s on s.id = coalesce(m.endpoint_id, m.tenant_id)`);
	return claimed.map(({ eventId, type, subjectId, data, createdAt, ...delivery }) => ({
		...delivery,
		event: { id: eventId, type, subjectId, data, createdAt },
	}));
}
