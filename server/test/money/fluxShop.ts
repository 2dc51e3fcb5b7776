import { glassworks } from "../../../glassworks.config.ts";
import { completeGeneration } from "../../src/domain/jobs/completeGeneration.ts";
import type { GenerationRequest } from "../../src/domain/jobs/generationRequest.ts";
import type { SubmitPorts } from "../../src/domain/jobs/submitJob.ts";
import { type OperatorConfig, operatorConfig, type Plan, type Principal } from "../../src/domain/plans/operatorConfig.ts";
import type { Capability } from "../../src/domain/ports.ts";
import type { PlannedTask } from "../../src/domain/pricing/charges.ts";
import type { QuotaUsage } from "../../src/domain/pricing/drawQuotas.ts";
import { type PricedJob, priceJob } from "../../src/domain/pricing/priceJob.ts";
import { inpaint, picture } from "../../src/domain/workflows/picture.ts";
import { planTasks } from "../../src/domain/workflows/planTasks.ts";
import { settleSteps } from "../../src/domain/workflows/settleSteps.ts";
import { newId } from "../../src/newId.ts";
import type { Stores } from "../../src/store/openStores.ts";

const [embedded] = glassworks.models;
const flux = { ...embedded, name: "flux", title: "Flux", notice: "", maxSidePx: 2_048, priceMicroUsd: 120_000 };

/** The shipped prices and plans with a model of Flux's price, and pools of one name that no other test sees. */
export function openShop(pool = "gpu", plans: Record<string, Partial<Plan>> = {}): OperatorConfig {
	const names = ["embedded", "flux"];
	const merged = Object.entries<(typeof glassworks.plans)[keyof typeof glassworks.plans]>(glassworks.plans).map(([name, plan]) => {
		const models = Array.isArray(plan.models) ? plan.models.filter((model) => names.includes(model)) : plan.models;
		return [name, { ...plan, models, rate: null, ...plans[name] }];
	});
	return operatorConfig.parse({
		...glassworks,
		models: [embedded, flux],
		edits: {},
		defaultModel: "flux",
		plans: Object.fromEntries(merged),
		pools: { [pool]: { steps: Object.keys(glassworks.steps), costMicroUsdPerHour: 3_600_000 } },
	});
}

const blob = { sha256: "a".repeat(64), mediaType: "image/png" as const, widthPx: 256, heightPx: 256, bytes: 100 };

export function ask(more: Partial<GenerationRequest> & { repaint?: boolean } = {}): GenerationRequest {
	const { repaint = false, ...rest } = more;
	return {
		...{ prompt: "a lighthouse", negativePrompt: "", workflow: null, model: null, count: 1, widthPx: null, heightPx: null },
		...{ seed: 7, steps: null, guidance: null, style: null, strength: null, upscale: false, restoreFaces: false },
		...{ faceRestorer: "gfpgan", faceFidelity: 0.5, format: "png", quality: 90, embedRecipe: false, runAfter: null, metadata: {} },
		...{ controls: [], controlImages: [], loras: [], sampler: null, scheduler: null, hiresFix: null },
		image: repaint ? blob : null,
		mask: repaint ? blob : null,
		...rest,
	};
}

export const noUsage: QuotaUsage = {
	period: "2026-11",
	resetsAt: new Date("2026-12-01T00:00:00Z"),
	units: { image: { used: 0, held: 0 }, inpainting: { used: 0, held: 0 }, training: { used: 0, held: 0 } },
};

export function usage(image: number, inpainting = 0): QuotaUsage {
	return { ...noUsage, units: { ...noUsage.units, image: { used: image, held: 0 }, inpainting: { used: inpainting, held: 0 } } };
}

/** The steps of one picture, as a request plans them. */
export function plan(config: OperatorConfig, planName: string, request: GenerationRequest): PlannedTask[] {
	const tenantPlan = config.plans[planName];
	const model = config.models.find((entry) => entry.name === (request.model ?? config.defaultModel));
	if (!tenantPlan || !model) throw new Error(`no plan ${planName}, or no model`);
	const workflow = request.mask ? inpaint : picture;
	const completed = completeGeneration(request, config, model, workflow);
	return planTasks(settleSteps({ id: workflow.slug, workflow }, completed, config), {
		nodes: null,
		config,
		plan: tenantPlan,
		live: new Map(),
		times: new Map(),
		dedicatedPools: {},
		ownLoras: new Map(),
	});
}

export function price(config: OperatorConfig, planName: string, request: GenerationRequest, month: QuotaUsage): PricedJob {
	const tenantPlan = config.plans[planName];
	if (!tenantPlan) throw new Error(`no plan ${planName}`);
	return priceJob({
		tasks: plan(config, planName, request),
		count: request.count,
		plan: tenantPlan,
		usage: month,
		discounts: config.batchDiscounts,
	});
}

/** What submitJob needs, over real stores. */
export function submitPorts(
	stores: Pick<Stores, "jobs" | "workers" | "results" | "nodes" | "workflows" | "accounts" | "times" | "loads" | "steering" | "trainings">,
	config: OperatorConfig,
): SubmitPorts {
	const dedicatedPools = (tenantId: string) => stores.steering.dedicatedPools(tenantId);
	return { ...stores, dedicatedPools, config, newId, randomSeed: () => 7, liveForMs: 600_000 };
}

export async function newTenant(stores: Pick<Stores, "accounts">, planName: string, creditMicroUsd: number): Promise<Principal> {
	const tenantId = newId("ten");
	await stores.accounts.createTenant({ id: tenantId, name: tenantId, plan: planName, postpaid: false });
	if (creditMicroUsd > 0) await stores.accounts.addCredit(tenantId, creditMicroUsd, "test");
	return { tenantId, plan: planName, keyId: null, userId: null, scopes: ["read", "generate"] };
}

/** Everything the shipped workflows ask of a worker. */
export function capabilitiesFor(model: string): Capability[] {
	const finishing = ["detect_faces:blazeface", "restore_faces:gfpgan", "upscale:realesr-animevideov3", "encode:standard"] as const;
	return [`generate:${model}`, `inpaint:${model}`, ...finishing];
}
