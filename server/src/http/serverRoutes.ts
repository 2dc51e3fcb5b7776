import { z } from "zod";
import { modelList, queue, workflowList, workflowSummary } from "../contract/server.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentModel, presentQueue, presentWorkflow } from "./presentServer.ts";
import { json, problems, security } from "./responses.ts";

/** What this server can do, how busy it is, and who asks. */
export function serverRoutes(app: App, ports: HttpPorts): void {
	modelRoutes(app, ports);
	workflowRoutes(app, ports);
	queueRoutes(app, ports);
}

function modelRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/models",
		{
			schema: {
				operationId: "listModels",
				tags: ["Server"],
				summary: "Models: limits, price, and whether they can run now",
				security: security.key,
				response: { 200: json("All of them.", modelList), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => {
			const live = await ports.workers.live(ports.config.liveForMs);
			return { data: ports.operator.models.map((entry) => presentModel(entry, ports.operator, live)) };
		},
	);
}

function workflowRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/workflows",
		{
			schema: {
				operationId: "listWorkflows",
				tags: ["Server"],
				summary: "Workflows that can be asked for",
				security: security.key,
				response: { 200: json("All of them.", workflowList), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => ({ data: ports.workflows.map(presentWorkflow) }),
	);

	app.get(
		"/workflows/:slug",
		{
			schema: {
				operationId: "getWorkflow",
				tags: ["Server"],
				summary: "A workflow and its steps",
				security: security.key,
				params: z.object({ slug: z.string().max(100) }),
				response: { 200: json("The workflow.", workflowSummary), ...problems("unauthenticated", "forbidden", "not_found") },
			},
		},
		async (request) => {
			const found = ports.workflows.find((entry) => entry.slug === request.params.slug);
			if (!found) throw new GlassworksError("not_found", "No workflow of that name is published.");
			return presentWorkflow(found);
		},
	);
}

function queueRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/queue",
		{
			schema: {
				operationId: "getQueue",
				tags: ["Server"],
				summary: "How busy the server is",
				description: "By pool, plan and model. Holds nobody's data.",
				security: security.key,
				response: { 200: json("The queue at one instant.", queue), ...problems("unauthenticated", "forbidden") },
			},
		},
		async () => presentQueue(await ports.jobs.snapshot()),
	);
}
