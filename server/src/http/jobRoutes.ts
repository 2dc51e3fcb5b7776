import { z } from "zod";
import { job, jobPage, listJobsQuery } from "../contract/job.ts";
import { announce } from "../domain/jobs/announce.ts";
import { principalOf } from "./authenticate.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentJob } from "./presentJob.ts";
import { json, problems, security } from "./responses.ts";

export const resourceId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
export const jobParams = z.object({ id: resourceId.describe("The job.") });

export function jobRoutes(app: App, ports: HttpPorts): void {
	readRoutes(app, ports);
	cancelRoute(app, ports);
}

function readRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/jobs",
		{
			schema: {
				operationId: "listJobs",
				tags: ["Jobs"],
				summary: "Your jobs, newest first",
				security: security.key,
				querystring: listJobsQuery,
				response: { 200: json("One page.", jobPage), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { limit, before = null, status = null } = request.query;
			const page = await ports.jobs.list(principalOf(request).tenantId, { limit, before, status });
			const outlook = await ports.jobs.waiting(page.jobs);
			const data = await Promise.all(page.jobs.map((entry) => presentJob(ports, entry, outlook.get(entry.id) ?? null)));
			return { data, next: page.next };
		},
	);

	app.get(
		"/jobs/:id",
		{
			schema: {
				operationId: "getJob",
				tags: ["Jobs"],
				summary: "A job: its pictures, price, place and outlook",
				security: security.key,
				params: jobParams,
				response: { 200: json("The job.", job), ...problems("unauthenticated", "forbidden", "not_found", "job_deleted") },
			},
		},
		async (request) => {
			const found = await ports.jobs.get(principalOf(request).tenantId, request.params.id);
			return presentJob(ports, found, (await ports.jobs.waiting([found])).get(found.id) ?? null);
		},
	);
}

function cancelRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/jobs/:id/cancel",
		{
			config: { access: "generate" },
			schema: {
				operationId: "cancelJob",
				tags: ["Jobs"],
				summary: "Stop a job",
				description: "Takes no body. Steps that ran are charged; the rest of what was held comes back.",
				security: security.key,
				params: jobParams,
				response: {
					200: json("The job, cancelled.", job),
					...problems("unauthenticated", "forbidden", "not_found", "job_not_cancellable"),
				},
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			announce(ports.bus, await ports.jobs.cancel(tenantId, request.params.id));
			return presentJob(ports, await ports.jobs.get(tenantId, request.params.id), null);
		},
	);
}
