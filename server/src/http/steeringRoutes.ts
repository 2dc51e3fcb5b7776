import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { job } from "../contract/job.ts";
import { changedPlan, changePlan, requeued, worker } from "../contract/operator.ts";
import { announce } from "../domain/jobs/announce.ts";
import type { WorkerOrder } from "../domain/jobs/steering.ts";
import { principalOf } from "./authenticate.ts";
import { jobParams, resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentJob } from "./presentJob.ts";
import { presentWorker } from "./presentOperator.ts";
import { json, problems, security } from "./responses.ts";
import { requirePlan } from "./tenantRoutes.ts";

const access = { access: "operate" as const };
const common = { tags: ["Operator"], security: security.key };
const refusals = ["unauthenticated", "forbidden", "not_found"] as const;
const params = z.object({ id: resourceId });

/** What is moved by hand: a tenant's own line, and for the operator workers, any job and plans. */
export function steeringRoutes(app: App, ports: HttpPorts): void {
	toFrontRoute(app, ports);
	requeueRoute(app, ports);
	workerOrderRoutes(app, ports);
	planRoute(app, ports);
}

function toFrontRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/jobs/:id/to-front",
		{
			config: { access: "generate" },
			schema: {
				operationId: "moveJobToFront",
				tags: ["Jobs"],
				summary: "Put a job before your other waiting jobs",
				description: "Pictures nobody has begun change places among your own; nobody else's place changes. Takes no body.",
				security: security.key,
				params: jobParams,
				response: { 200: json("The job.", job), ...problems(...refusals, "job_not_movable") },
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			announce(ports.bus, await ports.steering.moveToFront(tenantId, request.params.id));
			const moved = await ports.jobs.get(tenantId, request.params.id);
			return presentJob(ports, moved, (await ports.jobs.waiting([moved])).get(moved.id) ?? null);
		},
	);
}

function requeueRoute(app: App, { steering, bus }: HttpPorts): void {
	app.post(
		"/jobs/:id/requeue",
		{
			config: access,
			schema: {
				...common,
				operationId: "requeueJob",
				summary: "Put the running steps of any account's job back in line",
				description: "They keep their place and this counts as no failure; whatever their workers still write is refused. Takes no body.",
				params: jobParams,
				response: { 200: json("What was put back.", requeued), ...problems(...refusals, "job_not_movable") },
			},
		},
		async (request) => {
			const effects = await steering.requeue(request.params.id);
			announce(bus, effects);
			return { job: request.params.id, steps: effects.stoppedTaskIds.length };
		},
	);
}

const orders: [WorkerOrder, string][] = [
	["pause", "Let a worker claim nothing until it is resumed; what it runs goes on"],
	["resume", "Let a paused or draining worker claim again"],
	["drain", "Let a worker finish what it runs and claim nothing more"],
];

function workerOrderRoutes(app: App, { steering, bus }: HttpPorts): void {
	for (const [order, summary] of orders) {
		const schema = {
			...common,
			operationId: `${order}Worker`,
			summary,
			params,
			response: { 200: json("The worker.", worker), ...problems(...refusals) },
		} satisfies FastifyZodOpenApiSchema;
		app.post(`/workers/:id/${order}`, { config: access, schema }, async (request) => {
			const told = await steering.orderWorker((request.params as z.infer<typeof params>).id, order);
			if (order === "resume") announce(bus, { jobIds: [], pools: told.pools, stoppedTaskIds: [] });
			return presentWorker(told);
		});
	}
}

function planRoute(app: App, { steering, bus, operator }: HttpPorts): void {
	app.post(
		"/tenants/:id/plan",
		{
			config: { ...access, audit: ["plan"] },
			schema: {
				...common,
				operationId: "changePlan",
				summary: "Change an account's plan",
				description: "Its unfinished work follows at once: share, pictures at once and place. Prices already agreed stay.",
				params,
				body: changePlan,
				response: { 200: json("Done.", changedPlan), ...problems(...refusals, "invalid_request", "malformed_body") },
			},
		},
		async (request) => {
			const { plan } = request.body;
			const { weight, runningCap } = requirePlan(operator, plan);
			const effects = await steering.changePlan(request.params.id, { plan, weight, runningCap });
			announce(bus, effects);
			return { tenant: request.params.id, plan, jobs: effects.jobIds.length };
		},
	);
}
