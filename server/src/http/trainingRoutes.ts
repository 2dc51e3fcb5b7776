import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { foretoldQuote } from "../contract/generation.ts";
import { createTraining, listTrainingsQuery, training, trainingPage } from "../contract/training.ts";
import type { ErrorCode } from "../domain/errors.ts";
import { announce } from "../domain/jobs/announce.ts";
import { foreseeRequest, submitJob } from "../domain/jobs/submitJob.ts";
import type { TrainingStore } from "../domain/trainings/trainingStore.ts";
import { principalOf } from "./authenticate.ts";
import { acceptJob, generationRefusals, repeatable } from "./generationRoutes.ts";
import { resourceId } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentQuote } from "./presentPrice.ts";
import { presentTraining } from "./presentTraining.ts";
import { presentWaiting } from "./presentWaiting.ts";
import { readTraining } from "./readTraining.ts";
import { readRequestWebhook } from "./readWebhook.ts";
import { json, problems, security } from "./responses.ts";

const refusals = [...generationRefusals, "trainings_over_plan", "lora_name_taken"] as const satisfies ErrorCode[];
const common = { tags: ["Trainings"], security: security.key };
export const trainingParams = z.object({ id: resourceId.describe("The training.") });

const createSchema = {
	...common,
	operationId: "createTraining",
	summary: "Train a LoRA on your pictures",
	description:
		"Accepts a training and answers at once. It stands in line like a picture, and what comes of it is your account's alone: `loras` of later requests name it. Safe to repeat with an `Idempotency-Key`.",
	headers: repeatable,
	body: createTraining,
	response: {
		202: json("Accepted. `Location` is the training's address.", training),
		...problems(...refusals, "overloaded", "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
	},
} satisfies FastifyZodOpenApiSchema;

const quoteSchema = {
	...common,
	operationId: "quoteTraining",
	summary: "The price, place and time of a training before",
	description: "Refused as the training would be, but for credit, load and a name that is taken. Accepts and charges nothing.",
	body: createTraining,
	response: { 200: json("The price.", foretoldQuote), ...problems(...refusals) },
} satisfies FastifyZodOpenApiSchema;

export function trainingRoutes(app: App, ports: HttpPorts): void {
	const dedicatedPools = (tenantId: string) => ports.steering.dedicatedPools(tenantId);
	const submitPorts = { ...ports, config: ports.operator, liveForMs: ports.config.liveForMs, dedicatedPools };

	app.post("/trainings", { config: { access: "generate", rate: "submit" }, schema: createSchema }, (request, reply) =>
		acceptJob(ports, request, reply, {
			submit: async (principal, key) => {
				const webhook = await readRequestWebhook(ports, request.body);
				return submitJob(submitPorts, principal, await readTraining(ports, principal.tenantId, request.body), key, webhook);
			},
			present: async (job, outlook) => presentTraining(ports, await ports.trainings.get(job.tenantId, job.id), outlook),
			path: "trainings",
		}),
	);

	app.post("/trainings/quotes", { config: { access: "generate" }, schema: quoteSchema }, async (request) => {
		const principal = principalOf(request);
		await readRequestWebhook(ports, request.body);
		const asked = await readTraining(ports, principal.tenantId, request.body);
		const { quote, waiting } = await foreseeRequest(submitPorts, principal, asked);
		return { ...presentQuote(quote), waiting: waiting && presentWaiting(waiting) };
	});
	readRoutes(app, ports);
	cancelRoute(app, ports);
}

type Found = Awaited<ReturnType<TrainingStore["get"]>>;

async function presentAll(ports: HttpPorts, found: readonly Found[]) {
	const outlook = await ports.jobs.waiting(found.map(({ job }) => job));
	return found.map((each) => presentTraining(ports, each, outlook.get(each.job.id) ?? null));
}

function readRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/trainings",
		{
			schema: {
				...common,
				operationId: "listTrainings",
				summary: "Your trainings, newest first",
				querystring: listTrainingsQuery,
				response: { 200: json("One page.", trainingPage), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { limit, before = null } = request.query;
			const { trainings, next } = await ports.trainings.list(principalOf(request).tenantId, { limit, before });
			return { data: await presentAll(ports, trainings), next };
		},
	);

	app.get(
		"/trainings/:id",
		{
			schema: {
				...common,
				operationId: "getTraining",
				summary: "A training: its progress, price, samples and file",
				params: trainingParams,
				response: { 200: json("The training.", training), ...problems("unauthenticated", "forbidden", "not_found", "job_deleted") },
			},
		},
		async (request) => {
			const found = await ports.trainings.get(principalOf(request).tenantId, request.params.id);
			const outlook = await ports.jobs.waiting([found.job]);
			return presentTraining(ports, found, outlook.get(found.job.id) ?? null);
		},
	);
}

function cancelRoute(app: App, ports: HttpPorts): void {
	app.post(
		"/trainings/:id/cancel",
		{
			config: { access: "generate" },
			schema: {
				...common,
				operationId: "cancelTraining",
				summary: "Stop a training",
				description: "Takes no body. Nothing is charged, and the month's quota gets it back.",
				params: trainingParams,
				response: {
					200: json("The training, cancelled.", training),
					...problems("unauthenticated", "forbidden", "not_found", "job_deleted", "job_not_cancellable"),
				},
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			const { id } = request.params;
			await ports.trainings.get(tenantId, id);
			announce(ports.bus, await ports.jobs.cancel(tenantId, id));
			return presentTraining(ports, await ports.trainings.get(tenantId, id), null);
		},
	);
}
