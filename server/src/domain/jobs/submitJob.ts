import type { PreparedEdit } from "../edits/prepareEdit.ts";
import type { NodeStore } from "../engines/engineStore.ts";
import { GlassworksError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { AccountStore } from "../plans/accountStore.ts";
import { plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { Model, OperatorConfig, Plan, Principal } from "../plans/operatorConfig.ts";
import { isCalendarRate, isFaster, type Rate } from "../plans/rate.ts";
import type { NewId } from "../ports.ts";
import type { PlannedTask } from "../pricing/charges.ts";
import { hasQuota } from "../pricing/drawQuotas.ts";
import { type PricedJob, type PriceTerms, priceJob } from "../pricing/priceJob.ts";
import type { Quote } from "../pricing/quote.ts";
import type { TimeTable } from "../scheduling/timeKeys.ts";
import type { CacheEntry, ResultCache } from "../storage/resultCache.ts";
import { resultKey } from "../storage/resultKey.ts";
import { settleRetention } from "../storage/retention.ts";
import { checkTraining, checkTrainingsLeft, loraNameTaken } from "../trainings/checkTraining.ts";
import type { OwnLora, TrainingRequest } from "../trainings/training.ts";
import type { TrainingStore } from "../trainings/trainingStore.ts";
import { trainLoraRecord } from "../trainings/trainLora.ts";
import type { RequestWebhook } from "../webhooks/eventTypes.ts";
import { planTasks } from "../workflows/planTasks.ts";
import { type SettledStep, settleSteps } from "../workflows/settleSteps.ts";
import type { WorkflowInput } from "../workflows/workflowInput.ts";
import type { WorkflowFinder, WorkflowRecord } from "../workflows/workflowStore.ts";
import { checkCount } from "./checkCount.ts";
import { checkKeyCaps } from "./checkKeyCaps.ts";
import { checkPictures } from "./checkPictures.ts";
import { checkSteps } from "./checkSteps.ts";
import { completeGeneration } from "./completeGeneration.ts";
import { explainShortage } from "./explainShortage.ts";
import type { GenerationRequest } from "./generationRequest.ts";
import type { Job } from "./job.ts";
import type { JobDraft, JobStore } from "./jobStore.ts";
import type { PoolLoads } from "./poolLoads.ts";
import type { Waiting } from "./queueView.ts";
import { refuseMissingParts } from "./refuseMissingParts.ts";
import { refuseWhenFull } from "./refuseWhenFull.ts";
import type { RepeatRequest } from "./requestAgain.ts";
import { completeRun, mainSeed, nextSeed, type RunRequest } from "./runRequest.ts";
import { type StepShortfall, sayShortfall } from "./shortfall.ts";
import type { WorkerStore } from "./workerStore.ts";

/** What every door to a generation needs. */
export interface SubmitPorts {
	config: OperatorConfig;
	workflows: Pick<WorkflowFinder, "find" | "shipped">;
	jobs: Pick<JobStore, "submit">;
	workers: Pick<WorkerStore, "live" | "digests" | "shortfalls">;
	results: Pick<ResultCache, "find">;
	trainings: Pick<TrainingStore, "loras">;
	nodes: Pick<NodeStore, "catalogue">;
	accounts: Pick<AccountStore, "quotaUsage" | "keyCaps">;
	times: { read(): Promise<TimeTable> };
	loads: PoolLoads;
	/** The pools that a tenant has for itself, by the pool of the operator's file they stand in for. */
	dedicatedPools(tenantId: string): Promise<Readonly<Record<string, string>>>;
	newId: NewId;
	/** An integer in 0 to 2^32 - 1. */
	randomSeed(): number;
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
}

/** What a job can be asked for with: a generation, a run of a workflow with values of its own, an edit, a training, what an earlier one did not make. */
export type JobRequest = GenerationRequest | RunRequest | PreparedEdit | TrainingRequest | RepeatRequest;

/** How often a job is planned anew because the month's quota or a dedicated pool changed meanwhile. */
const maxPricings = 5;

/** The price of a request, what would be skipped and what would wait, without accepting it. @throws {GlassworksError} as submitJob, but for credit */
export async function quoteRequest(ports: SubmitPorts, principal: Principal, request: JobRequest): Promise<Quote> {
	const planned = await planJob(ports, principal, request);
	return (await quotePlanned(ports, planned)).quote;
}

async function quotePlanned(ports: SubmitPorts, planned: PlannedJob): Promise<PricedJob> {
	const priced = await pricePlanned(ports, planned);
	const wouldWait = priced.quote.cachedFrom ? [] : await findShortfalls(ports, planned.tasks);
	return { ...priced, quote: { ...priced.quote, wouldWait } };
}

/** Steps that would wait for a worker to appear. */
async function findShortfalls({ workers, liveForMs }: SubmitPorts, tasks: readonly PlannedTask[]): Promise<StepShortfall[]> {
	const wanted = tasks.filter(({ skip }) => skip === null);
	const found = await workers.shortfalls(wanted, liveForMs);
	return wanted.flatMap((task, at) => {
		const shortfall = found[at];
		return shortfall ? [{ ...shortfall, step: task.stepId, detail: sayShortfall(task, shortfall) }] : [];
	});
}

/** The same, with where it would stand and when it would be done if it were accepted now. */
export async function foreseeRequest(
	ports: SubmitPorts & { jobs: Pick<JobStore, "foresee"> },
	principal: Principal,
	request: JobRequest,
): Promise<{ quote: Quote; waiting: Waiting | null }> {
	const planned = await planJob(ports, principal, request);
	const priced = await quotePlanned(ports, planned);
	const waiting = priced.quote.cachedFrom ? null : await ports.jobs.foresee(draftJob(planned, priced));
	return { quote: priced.quote, waiting };
}

/**
 * Accepts a request: every door (API, dialects, CLI, batches) enters here. Returns once the job is committed. `terms`: of an item of a batch.
 * @throws {GlassworksError} forbidden, unknown_model, unknown_workflow, unsupported_by_model, *_over_plan, model_not_in_plan,
 * workflow_unsafe, parts_missing, trainings_over_plan, lora_name_taken, insufficient_credit, overloaded, unavailable
 */
export async function submitJob(
	ports: SubmitPorts,
	principal: Principal,
	request: JobRequest,
	idempotencyKey: string | null = null,
	webhook: RequestWebhook | null = null,
	terms: PriceTerms | null = null,
): Promise<Job> {
	for (let pricing = 0; pricing < maxPricings; pricing++) {
		const planned = await planJob(ports, principal, request);
		const priced = await pricePlanned(ports, planned, terms);
		const { cachedFrom = null } = priced.quote;
		if (!cachedFrom) refuseWhenFull(planned.tasks, planned.plan, ports);
		const draft = { ...draftJob(planned, priced), cachedFrom };
		const job = await accept(ports, planned, { ...draft, id: ports.newId("training" in request ? "trn" : "job"), idempotencyKey, webhook });
		if (job) return job;
	}
	throw new GlassworksError("unavailable", "Too many requests draw on this month's quota at once. Try again shortly.", {
		retry_after_s: 1,
	});
}

/** The store knows no plans: what they would have allowed is added to its refusals. */
async function accept(ports: SubmitPorts, { plan, tasks, count }: PlannedJob, draft: JobDraft): Promise<Job | null> {
	try {
		return await ports.jobs.submit(draft);
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		if (error.code === "rate_limited" && draft.rate) throw nameFasterPlans(error, draft.rate, ports.config);
		if (error.code !== "insufficient_credit") throw error;
		const usage = await ports.accounts.quotaUsage(draft.tenantId);
		throw explainShortage(error, { plan, tasks, count, usage }, ports.config);
	}
}

function nameFasterPlans({ code, message, data }: GlassworksError, rate: Rate, config: OperatorConfig): GlassworksError {
	const better = sayBetterPlans(plansThat(config, (other) => isFaster(other.rate, rate)));
	return new GlassworksError(code, message + better.sentence, { ...data, ...better.data });
}

/** A checked request: all of a draft but its price. */
export interface PlannedJob {
	plan: Plan;
	tasks: PlannedTask[];
	count: number;
	seed: number;
	seedInput: WorkflowInput | null;
	/** Where the pictures' seeds do not follow on each other. */
	seeds: readonly number[];
	draft: Omit<JobDraft, "id" | "idempotencyKey" | "webhook" | keyof PricedJob>;
	/** What its result is found and kept by; null: it is neither. */
	cache: CacheEntry | null;
}

/** Everything about a request but its price and whether there is room for it. @throws {GlassworksError} as submitJob */
export async function planJob(ports: SubmitPorts, principal: Principal, asked: JobRequest): Promise<PlannedJob> {
	if (!principal.scopes.includes("generate"))
		throw new GlassworksError("forbidden", "This key may not generate: it lacks the scope `generate`.");
	const { config } = ports;
	const plan = planOf(config, principal);
	const deleteAfterS = settleRetention(config, principal.plan, asked.deleteAfterS ?? null);
	const { record, request: order } = await orderOf(ports, principal, asked);
	const { useCache: _useCache, ...request } = order;
	const steps = settleSteps(record, request, config);
	const [live, times, dedicatedPools, caps, ownLoras] = await Promise.all([
		ports.workers.live(ports.liveForMs),
		ports.times.read(),
		ports.dedicatedPools(principal.tenantId),
		principal.keyId === null ? {} : ports.accounts.keyCaps(principal.keyId),
		findOwnLoras(ports, principal, steps),
	]);
	const { workflow } = record;
	checkCount(steps, asked.count);
	const limits = { plan, planName: principal.plan, workflow, config, live, ownLoras };
	checkSteps(steps, limits);
	if ("training" in asked) for (const step of steps) checkTraining(step, asked.training.pictures.length, limits);
	checkKeyCaps(steps, caps, { plan, config });
	const nodes = steps.some(({ step }) => step.kind === "graph") ? await ports.nodes.catalogue() : null;
	refuseMissingParts(steps, nodes);
	const seed = Number(request.seed);
	const model = steps.find(({ drawnBy }) => drawnBy)?.model ?? steps[0]?.model ?? "";
	const tasks = planTasks(steps, { config, plan, live, times, nodes, dedicatedPools, ownLoras });
	const named =
		ownLoras.size > 0 ? { ...request, ownLoras: Object.fromEntries([...ownLoras].map(([name, { sha256 }]) => [name, sha256])) } : request;
	const cache = await cacheEntry(ports, principal, asked, { record, request: named, tasks });
	return {
		...{ plan, seed, count: asked.count, seedInput: mainSeed(workflow.inputs), seeds: "again" in asked ? asked.seeds : [] },
		...{ tasks, cache },
		draft: {
			...{ tenantId: principal.tenantId, keyId: principal.keyId, workflow: record.id, workflowVersion: workflow.version, model },
			request: { ...named, deleteAfterS, ...(cache ? { cache: cache as unknown as JsonObject } : {}) },
			...{ metadata: asked.metadata, weight: plan.weight, plan: principal.plan, runningCap: plan.runningCap, runAfter: asked.runAfter },
			rate: plan.rate && isCalendarRate(plan.rate) ? plan.rate : null,
		},
	};
}

/** Of the LoRAs that steps name, those the tenant trained: by name, as they are now. */
async function findOwnLoras(
	{ trainings }: SubmitPorts,
	{ tenantId }: Principal,
	steps: readonly SettledStep[],
): Promise<ReadonlyMap<string, OwnLora>> {
	const lists = steps.flatMap(({ params }) => (Array.isArray(params.loras) ? (params.loras as { name?: unknown }[]) : []));
	const names = [...new Set(lists.flatMap(({ name }) => (typeof name === "string" ? name : [])))];
	const found = names.length > 0 ? await trainings.loras(tenantId, names) : [];
	return new Map(found.map((lora) => [lora.name, lora]));
}

/** The workflow that is asked for, and the request with every default filled in. */
interface Order {
	record: WorkflowRecord;
	request: JsonObject;
}

function orderOf(ports: SubmitPorts, principal: Principal, asked: JobRequest): Order | Promise<Order> {
	if ("again" in asked) return { record: asked.again, request: asked.stored };
	if ("record" in asked) return runOrder(ports, asked);
	if ("training" in asked) return trainingOrder(ports, asked);
	return "edit" in asked ? editOrder(ports, asked) : generationOrder(ports, principal, asked);
}

async function generationOrder(ports: SubmitPorts, principal: Principal, asked: GenerationRequest): Promise<Order> {
	const model = modelOf(ports.config, asked.model);
	const record = await workflowOf(ports, principal, asked.workflow ?? (asked.mask ? "inpaint" : "picture"));
	const request = completeGeneration(asked, ports.config, model, record.workflow);
	checkPictures(asked, record.workflow);
	return { record, request: { ...request, seed: asked.seed ?? ports.randomSeed() } };
}

function editOrder({ workflows, randomSeed }: SubmitPorts, { edit, seed }: PreparedEdit): Order {
	const record = workflows.shipped().find(({ id }) => id === edit.workflow);
	if (!record) throw new GlassworksError("unknown_workflow", "This server has no workflow for edits.");
	return { record, request: { ...edit, seed: seed ?? randomSeed() } };
}

/** @throws {GlassworksError} lora_name_taken, for a name of the operator's */
function trainingOrder({ config, randomSeed }: SubmitPorts, { training, seed }: TrainingRequest): Order {
	if (config.loras.some(({ name }) => name === training.name)) throw loraNameTaken(training.name);
	const model = config.models.find(({ name }) => name === training.model);
	const sidePx = training.sidePx ?? model?.defaultSidePx ?? 512;
	const request = { ...(training as unknown as JsonObject), sidePx, family: model?.recipe?.family ?? null, seed: seed ?? randomSeed() };
	return { record: trainLoraRecord, request };
}

function runOrder(ports: SubmitPorts, asked: RunRequest): Order {
	return { record: asked.record, request: completeRun(asked, ports.config, ports.randomSeed) };
}

/** The price as of now: it depends on what is left of the tenant's month. */
async function pricePlanned(
	{ config, accounts, results }: SubmitPorts,
	{ tasks, count, plan, draft, cache }: PlannedJob,
	terms: PriceTerms | null = null,
): Promise<PricedJob> {
	// What is not to begin before a time is not given before it either.
	const cachedFrom = cache && !draft.runAfter ? await results.find(draft.tenantId, cache.key) : null;
	if (cachedFrom)
		return { runs: Array.from({ length: count }, () => []), quotas: [], quote: { lines: [], totalMicroUsd: 0, skipped: [], cachedFrom } };
	const usage = !terms && hasQuota(plan) ? await accounts.quotaUsage(draft.tenantId) : null;
	const priced = priceJob({ tasks, count, plan, usage, discounts: config.batchDiscounts, terms });
	checkTrainingsLeft(priced.quotas, { planName: draft.plan, config, resetsAt: usage?.resetsAt ?? null });
	return priced;
}

/** Null: the request names no seed, or wants none of it, or what decides its result is not known. */
async function cacheEntry(
	{ config, workers, liveForMs }: SubmitPorts,
	{ tenantId }: Principal,
	asked: JobRequest,
	planned: { record: WorkflowRecord; request: JsonObject; tasks: readonly PlannedTask[] },
): Promise<CacheEntry | null> {
	if (asked.useCache === false || "training" in asked || !namesSeeds(asked)) return null;
	return resultKey({ ...planned, tenantId, config, digests: await workers.digests(liveForMs) });
}

function namesSeeds(asked: Exclude<JobRequest, TrainingRequest>): boolean {
	if ("again" in asked) return true;
	if (!("record" in asked)) return asked.seed !== null;
	const seeds = asked.record.workflow.inputs.filter(({ type }) => type === "seed");
	return seeds.length > 0 && seeds.every(({ name }) => typeof asked.values[name] === "number");
}

function draftJob(
	{ draft, seed, seedInput, seeds }: PlannedJob,
	{ runs, quotas, quote }: PricedJob,
): Omit<JobDraft, "id" | "idempotencyKey" | "webhook"> {
	const seedOf = (index: number) => seeds[index] ?? nextSeed(seed, index, seedInput);
	return { ...draft, quotas, quote, runs: runs.map((tasks, index) => ({ index, seed: seedOf(index), tasks })) };
}

function planOf(config: OperatorConfig, principal: Principal): Plan {
	const plan = config.plans[principal.plan];
	if (!plan) throw new GlassworksError("forbidden", `Your account is on the plan "${principal.plan}", which this server no longer has.`);
	return plan;
}

async function workflowOf({ workflows }: SubmitPorts, principal: Principal, name: string): Promise<WorkflowRecord> {
	const found = await workflows.find(principal, name);
	if (found?.workflow.takes === "generation") return found;
	if (found) {
		const door = found.workflow.takes === "edit" ? "POST /api/v1/edits" : `POST /api/v1/workflows/${name}/runs`;
		const message = `is run at ${door}`;
		throw new GlassworksError("unknown_workflow", `workflow: ${name} has inputs of its own; it ${message}.`, {}, [
			{ path: ["workflow"], message },
		]);
	}
	const message = "no workflow of that name; GET /api/v1/workflows lists those you may run";
	throw new GlassworksError("unknown_workflow", `workflow: ${message}.`, {}, [{ path: ["workflow"], message }]);
}

function modelOf(config: OperatorConfig, name: string | null): Model {
	const wanted = name ?? config.defaultModel;
	const model = config.models.find((entry) => entry.name === wanted);
	if (!model)
		throw new GlassworksError(
			"unknown_model",
			`No model named "${wanted}". Configured: ${config.models.map((entry) => entry.name).join(", ")}.`,
			{},
			[{ path: ["model"], message: `one of ${config.models.map((entry) => entry.name).join(", ")}` }],
		);
	return model;
}
