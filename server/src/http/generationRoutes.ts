import type { FastifyReply, FastifyRequest } from "fastify";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { createGeneration, foretoldQuote } from "../contract/generation.ts";
import { job } from "../contract/job.ts";
import type { ErrorCode } from "../domain/errors.ts";
import { announceAccepted } from "../domain/jobs/announce.ts";
import type { Job } from "../domain/jobs/job.ts";
import type { Waiting } from "../domain/jobs/queueView.ts";
import { foreseeRequest, submitJob } from "../domain/jobs/submitJob.ts";
import type { Principal } from "../domain/plans/operatorConfig.ts";
import { principalOf } from "./authenticate.ts";
import { answerOnce } from "./idempotency.ts";
import type { App, HttpPorts } from "./ports.ts";
import { presentForetold } from "./presentForetold.ts";
import { presentJob } from "./presentJob.ts";
import { readGeneration } from "./readGeneration.ts";
import { mailingResults } from "./readResultMail.ts";
import { readRequestWebhook } from "./readWebhook.ts";
import { json, problems, security } from "./responses.ts";

/** What asking for pictures may be refused with. */
export const generationRefusals = [
	"invalid_request",
	"malformed_body",
	"unauthenticated",
	"forbidden",
	"not_found",
	"job_deleted",
	"picture_deleted",
	"retention_over_plan",
	"unknown_model",
	"unknown_workflow",
	"unsupported_by_model",
	"size_over_plan",
	"steps_over_plan",
	"model_not_in_plan",
	"step_not_in_plan",
	"over_key_cap",
	"key_busy",
	"picture_unsupported",
	"picture_corrupt",
	"picture_too_large",
	"picture_polyglot",
	"decode_limit",
	"url_blocked",
	"url_failed",
	"body_too_large",
	"unsupported_media_type",
] as const satisfies ErrorCode[];

/** Of routes that accept jobs. */
export const repeatable = z.looseObject({
	"idempotency-key": z.string().optional().describe("1 to 255 printable ASCII characters; makes repeating safe."),
});

const createSchema = {
	operationId: "createGeneration",
	tags: ["Generations"],
	summary: "Ask for pictures",
	description:
		"Accepts a job and answers at once; follow it at `links.events` or by asking for it again. Safe to repeat with an `Idempotency-Key`, kept 24 hours: a repeat gets the first answer, with `idempotency-replayed: true`.",
	security: security.key,
	headers: repeatable,
	body: createGeneration,
	response: {
		202: json("Accepted. `Location` is the job's address.", job),
		...problems(...generationRefusals, "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
	},
} satisfies FastifyZodOpenApiSchema;

const quoteSchema = {
	operationId: "createQuote",
	tags: ["Generations"],
	summary: "The price, place and time before",
	description:
		"What a generation with exactly this body would cost, which steps it would skip or would wait for, where in line it would stand and when it would be done; refused as the generation would be, but for credit and load. Accepts and charges nothing.",
	security: security.key,
	body: createGeneration,
	response: { 200: json("The price.", foretoldQuote), ...problems(...generationRefusals) },
} satisfies FastifyZodOpenApiSchema;

export function generationRoutes(app: App, ports: HttpPorts): void {
	const dedicatedPools = (tenantId: string) => ports.steering.dedicatedPools(tenantId);
	const submitPorts = { ...ports, config: ports.operator, liveForMs: ports.config.liveForMs, dedicatedPools };

	app.post("/generations", { config: { access: "generate", rate: "submit" }, schema: createSchema }, (request, reply) =>
		acceptJob(ports, request, reply, {
			submit: async (principal, key) => {
				const webhook = await readRequestWebhook(ports, request.body);
				const mailing = await mailingResults(submitPorts, ports, principal, request.body);
				return submitJob(mailing, principal, await readGeneration(ports, principal.tenantId, request.body), key, webhook);
			},
		}),
	);

	app.post("/quotes", { config: { access: "generate" }, schema: quoteSchema }, async (request) => {
		const principal = principalOf(request);
		await readRequestWebhook(ports, request.body);
		const mailing = await mailingResults(submitPorts, ports, principal, request.body);
		const asked = await readGeneration(ports, principal.tenantId, request.body);
		return presentForetold(await foreseeRequest({ ...mailing, jobs: ports.jobs }, principal, asked));
	});
}

interface Accepting {
	submit(principal: Principal, key: string | null): Promise<Job>;
	/** What is answered. Left out: the job. */
	present?(job: Job, outlook: Waiting | null): Promise<object>;
	/** Where it is found. Left out: `jobs`. */
	path?: string;
}

/** Accepts a job at most once for each Idempotency-Key, wakes workers and answers with it. */
export async function acceptJob(
	ports: HttpPorts,
	request: FastifyRequest,
	reply: FastifyReply,
	{ submit, present = (job, outlook) => presentJob(ports, job, outlook), path = "jobs" }: Accepting,
): Promise<never> {
	const principal = principalOf(request);
	const { status, body } = await answerOnce(ports.idempotency, request, reply, principal.tenantId, {
		async accept(key) {
			const accepted = await submit(principal, key);
			announceAccepted(ports.bus, accepted);
			return accepted;
		},
		find: (jobId) => ports.jobs.get(principal.tenantId, jobId),
		async answer(accepted) {
			const outlook = await ports.jobs.waiting([accepted]);
			return { status: 202, body: JSON.stringify(await present(accepted, outlook.get(accepted.id) ?? null)) };
		},
	});
	const { id } = JSON.parse(body) as { id: string };
	reply.code(status).header("location", `/api/v1/${path}/${id}`);
	// Sent as it is: a repeat must get the same bytes.
	return reply.type("application/json; charset=utf-8").send(body) as never;
}
