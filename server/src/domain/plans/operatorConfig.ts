import { z } from "zod";
import { stepKinds } from "../ports.ts";

const count = z.int().min(0);
/** null means no limit. */
const limit = z.int().min(1).nullable();

const plan = z.strictObject({
	title: z.string(),
	/** Share of a contended pool relative to the others: pro 3 gets three times starter's 1. */
	weight: z.number().min(0.01).max(1_000),
	/** Before upscaling. */
	maxSidePx: limit,
	maxSteps: limit,
	/** Model names, or "all". */
	models: z.union([z.literal("all"), z.array(z.string())]),
	faceRestoration: z.boolean(),
	upscale: z.boolean(),
	/** True: every step costs nothing. */
	free: z.boolean().default(false),
});
export type Plan = z.infer<typeof plan>;

const model = z.strictObject({
	name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
	title: z.string(),
	/** What it is, in one line, shown wherever the model is named. */
	notice: z.string().default(""),
	content: z.enum(["drawing", "photo"]),
	steps: z.array(z.enum(["generate", "inpaint"])).min(1),
	defaultSteps: z.int().min(1).max(150),
	maxSteps: z.int().min(1).max(150),
	defaultSidePx: z.int(),
	minSidePx: z.int(),
	maxSidePx: z.int(),
	styles: z.array(z.string()).default([]),
	priceMicroUsd: count,
	/** First guess of the time of one step run on the operator's hardware; measured times replace it. */
	predictedMs: count.min(1),
});
export type Model = z.infer<typeof model>;

const stepPrice = z.strictObject({ priceMicroUsd: count, predictedMs: count.min(1) });

/** The operator's one file, glassworks.config.ts. Amounts are integer micro-dollars. */
export const operatorConfig = z
	.strictObject({
		plans: z.record(z.string(), plan),
		models: z.array(model).min(1),
		/** The model used when a request names none. */
		defaultModel: z.string(),
		/** Price and predicted time of every step that is not a model's own. */
		steps: z.record(z.enum(stepKinds), stepPrice),
		/** Which pool runs which step kinds. */
		pools: z.record(z.string(), z.array(z.enum(stepKinds)).min(1)),
		/** Super-resolution net by kind of picture. */
		upscaleModels: z.strictObject({ drawing: z.string(), photo: z.string() }),
	})
	.superRefine((value, context) => {
		if (!value.plans.owner) context.addIssue({ code: "custom", path: ["plans"], message: "needs a plan named owner" });
		if (!value.models.some((entry) => entry.name === value.defaultModel))
			context.addIssue({ code: "custom", path: ["defaultModel"], message: `names no model: ${value.defaultModel}` });
		for (const kind of stepKinds)
			if (Object.values(value.pools).filter((kinds) => kinds.includes(kind)).length !== 1)
				context.addIssue({ code: "custom", path: ["pools"], message: `${kind} must be in exactly one pool` });
	});
export type OperatorConfig = z.infer<typeof operatorConfig>;
/** What an operator writes: defaults may be left out. */
export type OperatorConfigInput = z.input<typeof operatorConfig>;

/** Who asks: the tenant a key belongs to and what the key may do. */
export interface Principal {
	tenantId: string;
	plan: string;
	keyId: string | null;
	scopes: readonly Scope[];
}
/** read: look; generate: submit and cancel; operate: workers, keys, every tenant's queue. */
export type Scope = "read" | "generate" | "operate";
