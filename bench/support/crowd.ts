import type { JobDraft } from "../../server/src/domain/jobs/jobStore.ts";
import type { JsonObject } from "../../server/src/domain/json.ts";
import type { Capability } from "../../server/src/domain/ports.ts";
import { picture } from "../../server/src/domain/workflows/picture.ts";
import { newId } from "../../server/src/newId.ts";
import type { Stores } from "../../server/src/store/openStores.ts";

export interface Tenant {
	id: string;
	plan: string;
	/** Share of the pool, as in glassworks.config.ts. */
	weight: number;
}

const plans = [
	{ plan: "free", weight: 0.05 },
	{ plan: "starter", weight: 1 },
	{ plan: "pro", weight: 3 },
	{ plan: "enterprise", weight: 12 },
];

export const capabilityOf = (model: string): Capability => `generate:${model}`;

/** Predicted time of every picture, and its price. */
export const pictureMs = 4_000;
export const pictureMicroUsd = 8_000;

/** The body that every queue carries, ours and the peers': what a picture's request looks like when it is stored, some 400 bytes. */
export function requestBody(model: string): JsonObject {
	return {
		workflow: "picture",
		model,
		prompt: "a lighthouse on a rocky coast at dusk, waves breaking over the rocks, warm light in the windows, painted in oil",
		negativePrompt: "people, boats, text",
		widthPx: 1024,
		heightPx: 1024,
		steps: 28,
		guidance: 4.5,
		style: null,
		strength: 0.7,
		upscaleModel: "realesrgan-x4plus",
		embedRecipe: false,
		runAfter: null,
	};
}

/** Tenants that pay later, spread over all plans. */
export async function addTenants(stores: Stores, count: number): Promise<Tenant[]> {
	const tenants = Array.from({ length: count }, (_, index) => ({
		id: newId("ten"),
		...(plans[index % plans.length] ?? { plan: "free", weight: 1 }),
	}));
	for (const { id, plan } of tenants) await stores.accounts.createTenant({ id, name: id, plan, postpaid: true });
	return tenants;
}

/** A live worker of the pool that can run these models. Returns its id. */
export async function addWorker(stores: Stores, pool: string, models: readonly string[]): Promise<string> {
	const id = newId("wrk");
	await stores.workers.create({ id, name: id, kind: "remote", pools: [pool], allowed: null, tokenHash: newId("hash") });
	await stores.workers.seen(id, { capabilities: models.map(capabilityOf), loadedModel: null, slots: 1 });
	return id;
}

/** A job of pictures that take one step each. */
export function draftJob(order: { tenant: Tenant; pool: string; model: string; pictures: number }): JobDraft {
	const { tenant, pool, model, pictures } = order;
	const task = {
		stepId: "generate",
		kind: "generate" as const,
		model,
		capability: capabilityOf(model),
		pool,
		optional: false,
		needs: [],
		predictedMs: pictureMs,
		listMicroUsd: pictureMicroUsd,
		priceMicroUsd: pictureMicroUsd,
		quotaUnits: [],
		maxAttempts: 5,
		skip: null,
	};
	return {
		id: newId("job"),
		tenantId: tenant.id,
		keyId: null,
		workflow: picture.slug,
		workflowVersion: picture.version,
		model,
		request: requestBody(model),
		metadata: {},
		quote: { lines: [], totalMicroUsd: pictures * pictureMicroUsd, skipped: [] },
		weight: tenant.weight,
		plan: tenant.plan,
		runningCap: null,
		quotas: [],
		runAfter: null,
		runs: Array.from({ length: pictures }, (_, index) => ({ index, seed: index + 1, tasks: [task] })),
		idempotencyKey: null,
	};
}
