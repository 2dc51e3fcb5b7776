import type { DueDelivery } from "../domain/webhooks/webhookStore.ts";
import { type DeliverPorts, deliver } from "./deliver.ts";
import { startLookout } from "./lookout.ts";

export interface DelivererOptions {
	/** At once, in this process: in all, of one tenant, to one destination. */
	most: number;
	perTenant: number;
	perDestination: number;
	/** How often to look for what is due when nothing is going on, in milliseconds. */
	everyMs: number;
	/** A claim lasts so long: longer than the slowest attempt. */
	leaseMs: number;
	/** How long attempts in progress may finish when told to stop. */
	graceMs: number;
}

export const delivererDefaults: DelivererOptions = {
	most: 64,
	perTenant: 24,
	perDestination: 4,
	everyMs: 500,
	leaseMs: 60_000,
	graceMs: 3_000,
};

/**
 * Sends what is due until it is stopped. Any number of processes may do so at once. One slow destination takes a few places, one tenant some
 * of them; the others are there for everybody else. What a killed process was sending is sent again when its lease ends.
 */
export function startDeliverer(ports: DeliverPorts, options: DelivererOptions = delivererDefaults): () => Promise<void> {
	const { most, perTenant, perDestination, everyMs, leaseMs, graceMs } = options;
	const inFlight = new Map<DueDelivery, Promise<void>>();
	const stopping = new AbortController();
	const logError = (delivery: string | null, error: unknown) =>
		ports.log.error({ delivery, error: error instanceof Error ? error.message : "unknown" }, "webhooks: the store failed");

	function start(delivery: DueDelivery): void {
		const work = deliver(ports, delivery, stopping.signal)
			// Nothing was kept of it: it is sent again when its lease ends.
			.catch((error: unknown) => logError(delivery.id, error))
			.finally(() => {
				inFlight.delete(delivery);
				lookout.lookSoon();
			});
		inFlight.set(delivery, work);
	}

	async function claim(): Promise<void> {
		const limit = most - inFlight.size;
		if (limit <= 0) return;
		const busy = [...inFlight.keys()];
		const found = await ports.outbox.claim({
			...{ limit, perTenant, perDestination, leaseMs },
			busyDestinations: countBy(busy, ({ destination }) => destination),
			busyTenants: countBy(busy, ({ tenantId }) => tenantId),
		});
		for (const delivery of found) start(delivery);
		if (found.length > 0) lookout.lookSoon();
	}

	const lookout = startLookout(() => claim().catch((error: unknown) => logError(null, error)), everyMs);
	return async () => {
		await lookout.stop();
		const cut = setTimeout(() => stopping.abort(), graceMs);
		await Promise.all(inFlight.values());
		clearTimeout(cut);
	};
}

function countBy(deliveries: readonly DueDelivery[], keyOf: (delivery: DueDelivery) => string): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const delivery of deliveries) counts[keyOf(delivery)] = (counts[keyOf(delivery)] ?? 0) + 1;
	return counts;
}
