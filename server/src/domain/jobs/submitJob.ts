import { GlassworksError } from "../errors.ts";
import type { Model, OperatorConfig, Plan, Principal } from "../plans/operatorConfig.ts";
import type { NewId } from "../ports.ts";
import { type Quote, quoteTasks } from "../pricing/quote.ts";
import { completeRequest, planTasks } from "../workflows/planTasks.ts";
import { findWorkflow } from "../workflows/resolveStep.ts";
import type { Workflow } from "../workflows/workflow.ts";
import { checkRequest } from "./checkRequest.ts";
import type { GenerationRequest } from "./generationRequest.ts";
import type { Job } from "./job.ts";
import type { JobDraft, JobStore } from "./jobStore.ts";
import type { WorkerStore } from "./workerStore.ts";

/** What every door to a generation needs. */
export interface SubmitPorts {
	config: OperatorConfig;
	workflows: readonly Workflow[];
	jobs: Pick<JobStore, "submit">;
	workers: Pick<WorkerStore, "live">;
	newId: NewId;
	/** An integer in 0 to 2^32 - 1. */
	randomSeed(): number;
	/** A worker silent for longer than this does not count as live. */
	liveForMs: number;
}

/** The price of a request and what would be skipped, without accepting it. @throws {GlassworksError} as submitJob, but for credit */
export async function quoteJob(ports: SubmitPorts, principal: Principal, request: GenerationRequest): Promise<Quote> {
	return (await planJob(ports, principal, request)).quote;
}

/**
 * Accepts a request: every door (API, dialects, CLI) enters here. Returns once the job is committed.
 * @throws {GlassworksError} forbidden, unknown_model, unknown_workflow, unsupported_by_model, *_over_plan, model_not_in_plan, insufficient_credit
 */
export async function submitJob(
	ports: SubmitPorts,
	principal: Principal,
	request: GenerationRequest,
	idempotencyKey: string | null = null,
): Promise<Job> {
	const planned = await planJob(ports, principal, request);
	return ports.jobs.submit({ ...planned, id: ports.newId("job"), idempotencyKey });
}

async function planJob(
	ports: SubmitPorts,
	principal: Principal,
	asked: GenerationRequest,
): Promise<Omit<JobDraft, "id" | "idempotencyKey">> {
	if (!principal.scopes.includes("generate"))
		throw new GlassworksError("forbidden", "This key may not generate: it lacks the scope `generate`.");
	const plan = planOf(ports.config, principal);
	const model = modelOf(ports.config, asked.model);
	const request = completeRequest(asked, ports.config, model);
	const workflow = findWorkflow(ports.workflows, String(request.workflow));
	checkRequest(asked, { plan, planName: principal.plan, model, workflow, config: ports.config, request });
	const tasks = planTasks(workflow, { config: ports.config, plan, model, request, live: await ports.workers.live(ports.liveForMs) });
	const seed = asked.seed ?? ports.randomSeed();
	return {
		tenantId: principal.tenantId,
		keyId: principal.keyId,
		workflow: workflow.slug,
		workflowVersion: workflow.version,
		model: model.name,
		request: { ...request, seed },
		metadata: asked.metadata,
		quote: quoteTasks(tasks, asked.count),
		weight: plan.weight,
		plan: principal.plan,
		runAfter: asked.runAfter,
		runs: Array.from({ length: asked.count }, (_, index) => ({ index, seed: (seed + index) % 4_294_967_296, tasks })),
	};
}

function planOf(config: OperatorConfig, principal: Principal): Plan {
	const plan = config.plans[principal.plan];
	if (!plan) throw new GlassworksError("forbidden", `Your account is on the plan "${principal.plan}", which this server no longer has.`);
	return plan;
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
