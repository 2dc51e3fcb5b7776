import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import { z } from "zod";
import { batch, batchQuote, createBatch } from "../../contract/batch.ts";
import type { Batch } from "../../domain/batches/batch.ts";
import { createBatch as acceptBatch, type BatchOptions, quoteBatch } from "../../domain/batches/createBatch.ts";
import type { AskedItems } from "../../domain/batches/priceItems.ts";
import type { ErrorCode } from "../../domain/errors.ts";
import type { Principal } from "../../domain/plans/operatorConfig.ts";
import { principalOf } from "../authenticate.ts";
import { generationRefusals, repeatable } from "../generationRoutes.ts";
import { answerOnce } from "../idempotency.ts";
import { resourceId } from "../jobRoutes.ts";
import type { App, HttpPorts } from "../ports.ts";
import { requireRecipient } from "../readResultMail.ts";
import { readRequestWebhook } from "../readWebhook.ts";
import { json, problems, security } from "../responses.ts";
import { workflowPorts } from "../workflowRoutes.ts";
import { batchPath, presentBatch, presentBatchQuote } from "./presentBatch.ts";
import { readBatchBody } from "./readBatchBody.ts";
import { readItems } from "./readItems.ts";

export const batchParams = z.object({ id: resourceId.describe("The batch.") });

/** Ten thousand prompts of a page each. */
const maxBatchBytes = 16 * 1_048_576;

export const batchRefusals = [...generationRefusals, "workflow_unsafe", "parts_missing"] as const satisfies ErrorCode[];

const csvText = { type: "string" as const, format: "binary", description: "The first row names the fields." };
const body = {
	description:
		"JSON, a CSV file (its options then are parameters of the address), or a form with the CSV as `file` and the options as JSON.",
	content: {
		"application/json": { schema: createBatch },
		"text/csv": { schema: csvText },
		"multipart/form-data": {
			schema: { type: "object" as const, properties: { file: csvText, options: { type: "string" as const } }, required: ["file"] },
		},
	},
};
const common = { tags: ["Batches"], security: security.key, body };

const createSchema = {
	...common,
	operationId: "createBatch",
	summary: "Ask for many pictures at once",
	description:
		"Accepts up to 10,000 items and answers once all are stored, priced together and their money is set aside. They become jobs a few at a time. Every item that is wrong is named, up to 50. Safe to repeat with an `Idempotency-Key`.",
	headers: repeatable,
	response: {
		201: json("Accepted. `Location` is the batch's address.", batch),
		...problems(...batchRefusals, "insufficient_credit", "idempotency_key_reused", "idempotency_in_flight"),
	},
} satisfies FastifyZodOpenApiSchema;

const quoteSchema = {
	...common,
	operationId: "quoteBatch",
	summary: "The price of a batch before",
	description: "What a batch with exactly this body would cost. Accepts and charges nothing.",
	response: { 200: json("The price.", batchQuote), ...problems(...batchRefusals) },
} satisfies FastifyZodOpenApiSchema;

/** Accepting and pricing. A scope of its own: it reads forms and CSV. */
export async function batchRoutes(app: App, ports: HttpPorts): Promise<void> {
	await app.register(multipart, { limits: { fileSize: maxBatchBytes, files: 1, fields: 10, parts: 11, fieldSize: 1_048_576 } });
	app.addContentTypeParser<Buffer>(/^text\/csv/, { parseAs: "buffer", bodyLimit: maxBatchBytes }, (_request, body, done) =>
		done(null, body),
	);
	// The body is described in the document and read by hand: it comes in three forms.
	const options = { bodyLimit: maxBatchBytes, validatorCompiler: () => (value: unknown) => ({ value }) };
	const batchPorts = { ...workflowPorts(ports), batches: ports.batches };

	async function read(request: FastifyRequest, principal: Principal): Promise<{ asked: AskedItems; options: BatchOptions }> {
		const sent = await readBatchBody(request);
		const webhook = await readRequestWebhook(ports, sent.webhook);
		if (sent.options.mailTo !== null) await requireRecipient(ports, principal, sent.options.mailTo);
		const requests = await readItems(ports, principal, sent, sent.areTexts);
		return { asked: { requests, pathOf: sent.pathOf }, options: { ...sent.options, webhook } };
	}

	app.post("/batches", { ...options, config: { access: "generate", rate: "submit" }, schema: createSchema }, async (request, reply) => {
		const principal = principalOf(request);
		const { asked, options } = await read(request, principal);
		const { status, body } = await answerOnce<Batch>(ports.idempotency, request, reply, principal.tenantId, {
			accept: (key) => acceptBatch(batchPorts, principal, asked, options, key),
			find: (id) => ports.batches.get(principal.tenantId, id),
			answer: async (accepted) => ({ status: 201, body: JSON.stringify(await viewBatch(ports, accepted)) }),
		});
		const { id } = JSON.parse(body) as { id: string };
		reply.code(status as 201).header("location", batchPath(id));
		return reply.type("application/json; charset=utf-8").send(body as never) as never;
	});

	app.post("/batches/quotes", { ...options, config: { access: "generate" }, schema: quoteSchema }, async (request) => {
		const principal = principalOf(request);
		const { asked } = await read(request, principal);
		return presentBatchQuote(await quoteBatch(batchPorts, principal, asked));
	});
}

/** A batch with its progress and outlook. */
export async function viewBatch(ports: HttpPorts, found: Batch): Promise<ReturnType<typeof presentBatch>> {
	const [view] = await viewBatches(ports, [found]);
	if (!view) throw new Error("a batch without a view");
	return view;
}

export async function viewBatches(ports: HttpPorts, found: readonly Batch[]): Promise<ReturnType<typeof presentBatch>[]> {
	const progress = await ports.batches.progress(found.map(({ id }) => id));
	const now = new Date();
	return Promise.all(
		found.map(async (entry) => {
			const own = progress.get(entry.id) ?? { counts: {}, pictures: 0, pace: null, lastJobId: null };
			const lastJobs = own.lastJobId && !own.counts.waiting ? await ports.jobs.getMany(entry.tenantId, [own.lastJobId]) : [];
			const outlook = await ports.jobs.waiting(lastJobs);
			return presentBatch(ports, entry, { progress: own, lastEta: outlook.get(own.lastJobId ?? "")?.eta ?? null, now });
		}),
	);
}
