import { GlassworksError } from "../errors.ts";
import type { Principal } from "../plans/operatorConfig.ts";
import type { WorkflowFinder } from "../workflows/workflowStore.ts";
import type { Batch, BatchItem } from "./batch.ts";
import type { BatchPorts } from "./createBatch.ts";
import { findAccepted } from "./findAccepted.ts";
import { priceItems } from "./priceItems.ts";
import { fromStored, type ItemRequest } from "./storedRequest.ts";

export type RetryPorts = BatchPorts & { workflows: Pick<WorkflowFinder, "exactly"> };

const page = 500;
/** How often items are priced anew because the month's quota changed meanwhile. */
const maxPricings = 5;

/**
 * Items that ended so are to become jobs again, at today's prices with the batch's discount; what they were stays in their history. Returns how
 * many. @throws {GlassworksError} as submitJob, batch_ended
 */
export async function retryBatch(
	ports: RetryPorts,
	principal: Principal,
	batch: Batch,
	statuses: readonly BatchItem["status"][],
): Promise<number> {
	if (batch.state === "cancelled") throw new GlassworksError("batch_ended", "The batch is cancelled.", { state: batch.state });
	const items: BatchItem[] = [];
	for (const status of statuses)
		for (let after: number | null = null; ; ) {
			const read = await ports.batches.items(batch, { limit: page, after, status });
			items.push(...read.items);
			if (read.next === null) break;
			after = read.next;
		}
	if (items.length === 0) return 0;
	const requests = await Promise.all(items.map((item) => requestOf(ports, item)));
	const pathOf = (index: number) => ["items", items[index]?.index ?? index];
	for (let pricing = 0; pricing < maxPricings; pricing++) {
		const priced = await priceItems(ports, principal, { requests, pathOf }, batch.discountPercent);
		const again = priced.items.map(({ priceMicroUsd, draws }, at) => {
			const { index = 0, attempt = 1 } = items[at] ?? {};
			return { index, attempt, priceMicroUsd, draws };
		});
		const retried = await ports.batches.retry(batch.tenantId, batch.id, again, priced.quotaLimits);
		if (retried !== null) return retried;
	}
	throw new GlassworksError("unavailable", "Too many requests draw on this month's quota at once. Try again shortly.", {
		retry_after_s: 1,
	});
}

async function requestOf({ workflows }: RetryPorts, { index, request }: BatchItem): Promise<ItemRequest> {
	const found = await fromStored(request, findAccepted(workflows));
	if (found) return found;
	throw new GlassworksError("unknown_workflow", `items.${index}: its workflow is no longer there.`, {}, [
		{ path: ["items", index, "workflow"], message: "is no longer there" },
	]);
}
