import type { Live } from "../engines/live.ts";
import type { NodeCatalogue } from "../engines/nodeCatalogue.ts";
import { requirementsOf } from "../engines/requirements.ts";
import type { SkipReason } from "../jobs/job.ts";
import type { JsonObject } from "../json.ts";
import type { Model, OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { Capability, StepKind } from "../ports.ts";
import type { Charge, PlannedTask } from "../pricing/charges.ts";
import { maxAttempts } from "../scheduling/backoff.ts";
import { type TaskTime, type TimeTable, timeTask } from "../scheduling/timeKeys.ts";
import type { OwnLora } from "../trainings/training.ts";
import { graphOf } from "./comfy/fillGraph.ts";
import { graphRequires } from "./comfy/graphNeeds.ts";
import type { SettledStep } from "./settleSteps.ts";
import { needsOf } from "./workflow.ts";

/** What planning looks at. `live` holds what live workers can run, by pool. */
export interface Planning {
	config: OperatorConfig;
	plan: Plan;
	live: Live;
	/** Measured times. */
	times: TimeTable;
	/** What live workers' ComfyUIs have; null: there are none, or no step needs to know. */
	nodes: NodeCatalogue | null;
	/** Pools of the operator's file that this tenant has replaced by its own. */
	dedicatedPools: Readonly<Record<string, string>>;
	/** LoRAs that the steps name and the tenant trained, by name. */
	ownLoras: ReadonlyMap<string, OwnLora>;
}

/** The tasks of one picture, in workflow order, with list price, pool and whether they will run. */
export function planTasks(steps: readonly SettledStep[], planning: Planning): PlannedTask[] {
	const { models, defaultModel } = planning.config;
	const main = steps.find(({ drawnBy }) => drawnBy)?.drawnBy ?? models.find(({ name }) => name === defaultModel);
	return steps.map((settled) => planTask(settled, main, planning));
}

function planTask(settled: SettledStep, main: Model | undefined, planning: Planning): PlannedTask {
	const { step, model, capability } = settled;
	const base = poolOf(planning.config, step.kind);
	const pool = planning.dedicatedPools[base] ?? base;
	const skip = skipBefore(settled, pool, planning);
	return {
		stepId: step.id,
		kind: step.kind,
		model,
		capability,
		pool,
		optional: step.optional,
		needs: needsOf(step),
		...timeOf(settled, settled.drawnBy ?? main, planning),
		charges: skip ? [] : chargesOf(settled, planning.config),
		maxAttempts,
		requires: requiresOf(settled, planning),
		skip,
	};
}

function requiresOf({ step: { kind }, params, roles }: SettledStep, { config, nodes, ownLoras }: Planning): string[] | null {
	return kind === "graph" ? graphRequires(graphOf(params), nodes) : requirementsOf({ kind, params, roles }, config, ownLoras);
}

/** Why an optional step will not run, as far as submit can know. A pool without workers is unknown, not missing. */
function skipBefore({ step, capability, isWanted }: SettledStep, pool: string, { plan, live }: Planning): SkipReason | null {
	if (!step.optional) return null;
	if (!isWanted) return "not_wanted";
	if (!plan.upscale && step.kind === "upscale") return "plan";
	if (!plan.faceRestoration && (step.kind === "restore_faces" || step.kind === "detect_faces")) return "plan";
	const known = live.get(pool);
	return known && !known.has(capability) ? "model_missing" : null;
}

function poolOf(config: OperatorConfig, kind: StepKind): string {
	// Who draws with a model trains for it.
	const drawing = kind === "train_lora" ? "generate" : kind;
	const found = Object.entries(config.pools).find(([, { steps }]) => steps.includes(drawing));
	if (!found) throw new Error(`no pool runs ${kind}`);
	return found[0];
}

/** The models' own price is one charge, what repainting or somebody's graph adds another. */
function chargesOf({ step: { kind }, drawnBy, priced, params }: SettledStep, { steps }: OperatorConfig): Charge[] {
	const { priceMicroUsd } = steps[kind];
	if (kind === "generate") return [{ kind, listMicroUsd: (drawnBy?.priceMicroUsd ?? 0) + priceMicroUsd }];
	if (kind === "train_lora") return [{ kind, listMicroUsd: Math.ceil((priceMicroUsd * Number(params.steps)) / pricedTrainingSteps) }];
	const own = { kind, listMicroUsd: priceMicroUsd };
	if (priced.length === 0) return [own];
	return [{ kind: "generate", listMicroUsd: priced.reduce((sum, model) => sum + model.priceMicroUsd, 0) }, own];
}

/** Guesses are for the usual picture of the model that draws; without a size of its own a step is timed for that. */
function timeOf({ step, capability, drawnBy, params, size, work }: SettledStep, model: Model | undefined, planning: Planning): TaskTime {
	if (step.kind === "train_lora") return timeTraining(capability, params, planning);
	const side = model?.defaultSidePx ?? 512;
	const usual = { widthPx: side, heightPx: side, steps: model?.defaultSteps ?? 1 };
	// Enlarging is timed by what goes in.
	const scale = step.kind === "upscale" ? 4 : 1;
	const asked = {
		widthPx: (size?.widthPx ?? usual.widthPx * scale) / scale,
		heightPx: (size?.heightPx ?? usual.heightPx * scale) / scale,
		steps: typeof params.steps === "number" ? params.steps : usual.steps,
	};
	const guessMs = drawnBy?.predictedMs ?? planning.config.steps[step.kind].predictedMs;
	return timeTask(capability, asked, usual, guessMs, planning.times, work);
}

/** The operator's price and guess of a training are for so many steps (the guess: at 512 px). */
export const pricedTrainingSteps = 1_000;

function timeTraining(capability: Capability, { sidePx, steps, batchSize }: JsonObject, { config, times }: Planning): TaskTime {
	const side = Number(sidePx);
	const asked = { widthPx: side, heightPx: side, steps: Number(steps) * Number(batchSize) };
	return timeTask(
		capability,
		asked,
		{ widthPx: 512, heightPx: 512, steps: pricedTrainingSteps },
		config.steps.train_lora.predictedMs,
		times,
	);
}
