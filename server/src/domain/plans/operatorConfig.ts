import { z } from "zod";
import { offPeak } from "../batches/offPeak.ts";
import { controlNet, lora, type ModelRegistry, recipe, upscaler } from "../engines/registry.ts";
import { editOperations } from "../engines/traits.ts";
import { stepKinds } from "../ports.ts";
import { brand } from "./brand.ts";
import { checkNames } from "./checkNames.ts";
import { isCalendarRate, rate } from "./rate.ts";

const count = z.int().min(0);
/** null means no limit. */
const limit = z.int().min(1).nullable();

/** What a plan counts by the month. */
export const quotaUnits = ["image", "inpainting", "training"] as const;
export type QuotaUnit = (typeof quotaUnits)[number];

/** Who may make people members: anybody themselves, an account's admins, or the operator alone. */
export const signUps = ["open", "invite", "closed"] as const;

const plan = z.strictObject({
	title: z.string(),
	/** What it costs a month; null: by agreement. Refusals name the cheapest plan that allows what was asked. */
	priceMicroUsdPerMonth: count.nullable().default(null),
	/** Share of a contended pool relative to the others: pro 3 gets three times starter's 1. */
	weight: z.number().min(0.01).max(1_000),
	/** Before upscaling. */
	maxSidePx: limit,
	maxSteps: limit,
	/** Model names, or "all". */
	models: z.union([z.literal("all"), z.array(z.string())], 'must be "all" or a list of names of models'),
	faceRestoration: z.boolean(),
	upscale: z.boolean(),
	/** What a month includes: so many pictures, and so many repaintings (what repainting adds to a picture's price). null: no limit. */
	quotas: z.strictObject({ image: count.nullable(), inpainting: count.nullable() }).default({ image: 0, inpainting: 0 }),
	/** LoRA trainings a month, and no more whatever is paid; null: no limit. They cost nothing where `included` has train_lora, else credit. */
	trainings: count.nullable().default(0),
	/** Steps that a picture inside the quota covers. `generate` stands for the model's own price. All else is paid from credit. */
	included: z.array(z.enum(stepKinds)).default([]),
	/** Pictures of one tenant that are made at once. */
	runningCap: limit.default(null),
	/** New jobs are refused while more tasks than this wait in their pool; null: never. Plans with less are refused first. */
	maxWaiting: limit.default(null),
	/** How long a job of this plan should wait at most, in milliseconds: what the number of wanted workers is reckoned from. null: no promise. */
	promisedWaitMs: limit.default(null),
	/** Share of this plan's jobs that should succeed, 0 to 1. null: no promise. */
	promisedSuccessShare: z.number().min(0).max(1, "must be a share from 0 to 1, as 0.99").nullable().default(null),
	/** How often an account may ask for pictures; null: no limit. */
	rate: rate.nullable().default(null),
	/** How often it may ask for anything else; null: no limit. */
	requestRate: rate
		.refine((value) => !isCalendarRate(value), { path: ["per"], message: "must be second, minute or hour" })
		.nullable()
		.default(null),
	/** Days after which pictures are deleted, reckoned from the end of their job or from their upload; null: they are kept. */
	retentionDays: limit.default(null),
	/** True: every step costs nothing. */
	free: z.boolean().default(false),
});
export type Plan = z.infer<typeof plan>;

/** How many of a unit a month of the plan includes; null: no limit. */
export function quotaOf(plan: Plan, unit: QuotaUnit): number | null {
	return unit === "training" ? plan.trainings : plan.quotas[unit];
}

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
	/** False: the same picture whatever the seed, as of networks that only erase. Nobody is sold several of it. */
	seeded: z.boolean().default(true),
	priceMicroUsd: count,
	/** First guess of the time of one step run on the operator's hardware; measured times replace it. */
	predictedMs: count.min(1),
	/** First guess of the time it takes a worker to load it; measured times replace it. */
	loadMs: count.default(15_000),
	/** How engines other than the built-in one find and run it; null: only the built-in one has it. */
	recipe: recipe.nullable().default(null),
});
export type Model = z.infer<typeof model>;

/** Limits on who is not known yet, by address. */
const limits = z.strictObject({
	/** Requests without a key, and with wrong ones. */
	strangers: rate.default({ requests: 3_000, per: "minute" }),
	/** Attempts to sign in. */
	signIns: rate.default({ requests: 10, per: "minute" }),
});

/** The short form, a list of step kinds, is a pool that costs the operator nothing. */
const pool = z
	.union([
		z.array(z.enum(stepKinds)).min(1),
		z.strictObject({
			steps: z.array(z.enum(stepKinds)).min(1),
			/** What an hour of one worker costs the operator; seen by the operator only. */
			costMicroUsdPerHour: count.default(0),
			/** Optional steps are left out while its line is longer than this many milliseconds; null: never. */
			shedAfterMs: limit.default(null),
		}),
	])
	.transform((value) => (Array.isArray(value) ? { steps: value, costMicroUsdPerHour: 0, shedAfterMs: null } : value));

const stepPrice = z.strictObject({ priceMicroUsd: count, predictedMs: count.min(1) });

/** Files written before there were trainings say nothing of them. */
function withTrainings(steps: unknown): unknown {
	const usual = { train_lora: { priceMicroUsd: 2_000_000, predictedMs: 600_000 } };
	return typeof steps === "object" && steps !== null ? { ...usual, ...steps } : steps;
}

/** The operator's one file, glassworks.config.ts. Amounts are integer micro-dollars. */
export const operatorConfig = z
	.strictObject({
		brand: brand.prefault({}),
		plans: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "must be lower-case letters, digits, - and _"), plan),
		limits: limits.prefault({}),
		models: z.array(model).min(1),
		controlNets: z.array(controlNet).default([]),
		loras: z.array(lora).default([]),
		/** Super-resolution nets that engines other than the built-in one may have. */
		upscalers: z.array(upscaler).default([]),
		/** ComfyUI's node classes that accounts' graphs may use beyond those known to be harmless. */
		allowedNodes: z.array(z.string().min(1)).default([]),
		/** Model files that accounts' graphs may load beyond those of the models above, as ComfyUI lists them. */
		allowedFiles: z.array(z.string().min(1)).default([]),
		/** The model used when a request names none. */
		defaultModel: z.string(),
		/** Price and predicted time of every step that is not a model's own. */
		/** Of train_lora for 1,000 training steps, the time at 512 px. */
		steps: z.preprocess(withTrainings, z.record(z.enum(stepKinds), stepPrice)),
		/** Off for requests of many pictures, on what credit pays. */
		batchDiscounts: z.array(z.strictObject({ pictures: count.min(2), percent: z.int().min(0).max(100) })).default([]),
		/** When batches that ask for it become jobs; null: there is no such time. */
		offPeak: offPeak.nullable().default(null),
		/** Which pool runs which step kinds. */
		pools: z.record(z.string(), pool),
		/** How long, in milliseconds, a task that is first in line for its model may be passed over for models that are loaded. */
		maxPassOverMs: count.min(1_000).default(240_000),
		/** Mail that workflows may send over SMTP_URL; null: none. Recipients: addresses, or `@example.com` for everybody there. */
		mail: z
			.strictObject({ from: z.string().min(3), recipients: z.array(z.string().includes("@")) })
			.nullable()
			.default(null),
		/** Who may sign up: anybody, whom an account's admins invite, or (closed) whom the operator invites; and the plan of accounts that people make. */
		people: z.strictObject({ signUp: z.enum(signUps).default("invite"), plan: z.string().default("free") }).prefault({}),
		/** Models to try for each kind of edit, the best first; a kind that is left out: every model that repaints, in their order. */
		edits: z.partialRecord(z.enum(editOperations), z.array(z.string()).min(1)).default({}),
		/** What models of other services are here: their name -> a model or a workflow of ours (docs/dialects.md). */
		dialects: z.strictObject({ models: z.record(z.string(), z.string()).default({}) }).default({ models: {} }),
		/**
		 * How many hours a result is given again, free of charge, to whoever of the same tenant asks for exactly the same with a seed; 0: never.
		 * `trustModelNames`: also results of engines that cannot tell the digest of their models (ComfyUI, IOPaint). Whoever replaces a file
		 * there under its name then gets the old file's pictures for so long.
		 */
		resultCache: z
			.strictObject({ hours: z.number().min(0).max(720).default(24), trustModelNames: z.boolean().default(false) })
			.default({ hours: 24, trustModelNames: false }),
		/** Super-resolution net by kind of picture. */
		upscaleModels: z.strictObject({ drawing: z.string(), photo: z.string() }),
	})
	.superRefine((value, context) => {
		for (const { path, message } of checkNames(value)) context.addIssue({ code: "custom", path, message });
	});
export type OperatorConfig = z.infer<typeof operatorConfig>;
/** What an operator writes: defaults may be left out. */
export type OperatorConfigInput = z.input<typeof operatorConfig>;

/** What engines are told of the operator's names. */
export function registryOf({ models, controlNets, loras, upscalers }: OperatorConfig): ModelRegistry {
	const known = models.flatMap(({ name, steps, recipe }) => (recipe ? [{ name, steps, recipe }] : []));
	return { models: known, controlNets, loras, upscalers };
}

/** Who asks: a key, a person who signed in, or this machine's own token; for which account; and what they may do. */
export interface Principal {
	tenantId: string;
	plan: string;
	/** Null: a person asks, or the machine's own token. */
	keyId: string | null;
	/** Null: no person asks. */
	userId: string | null;
	scopes: readonly Scope[];
}
/**
 * read: look; generate: submit and cancel; manage: the account's people, keys and webhooks; operate: the whole server, its workers and every
 * tenant's queue.
 */
export const scopes = ["read", "generate", "manage", "operate"] as const;
export type Scope = (typeof scopes)[number];
