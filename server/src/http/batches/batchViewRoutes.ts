import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
	batch,
	batchItemPage,
	batchPage,
	listItemsQuery,
	offPeakTimes,
	resumeBatch,
	retriedBatch,
	retryBatch,
} from "../../contract/batch.ts";
import { pageQuery } from "../../contract/common.ts";
import { batchTopic, cancelJobs } from "../../domain/batches/feedBatches.ts";
import { isOffPeak, nextOffPeak } from "../../domain/batches/offPeak.ts";
import { retryBatch as retryItems } from "../../domain/batches/retryBatch.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { principalOf } from "../authenticate.ts";
import type { App, HttpPorts } from "../ports.ts";
import { matchesEtag } from "../range.ts";
import { json, problems, security } from "../responses.ts";
import { sha256Hex } from "../sign.ts";
import { workflowPorts } from "../workflowRoutes.ts";
import { batchParams, batchRefusals, viewBatch, viewBatches } from "./batchRoutes.ts";
import { presentItem } from "./presentBatch.ts";

const common = { tags: ["Batches"], security: security.key };
const one = { ...common, params: batchParams };
const refusals = ["unauthenticated", "forbidden", "not_found"] as const;

/** Looking at batches and steering them. */
export function batchViewRoutes(app: App, ports: HttpPorts): void {
	readRoutes(app, ports);
	itemRoute(app, ports);
	steerRoutes(app, ports);
	retryRoute(app, ports);
}

function readRoutes(app: App, ports: HttpPorts): void {
	app.get(
		"/batches",
		{
			schema: {
				...common,
				operationId: "listBatches",
				summary: "Your batches, newest first",
				querystring: pageQuery,
				response: { 200: json("One page.", batchPage), ...problems("unauthenticated", "forbidden", "invalid_request") },
			},
		},
		async (request) => {
			const { limit, before = null } = request.query;
			const { batches, next } = await ports.batches.list(principalOf(request).tenantId, { limit, before });
			return { data: await viewBatches(ports, batches), next };
		},
	);

	app.get(
		"/batches/:id",
		{
			schema: {
				...one,
				operationId: "getBatch",
				summary: "A batch: progress, outlook, price",
				description: "Answers 304 to `If-None-Match` while nothing but the estimate has changed.",
				response: { 200: json("The batch.", batch), 304: { description: "As you have it." }, ...problems(...refusals) },
			},
		},
		async (request, reply) => {
			const body = await viewBatch(ports, await ports.batches.get(principalOf(request).tenantId, request.params.id));
			return unlessKnown(request, reply, body, { ...body, eta: null });
		},
	);

	app.get(
		"/batches/off-peak",
		{
			schema: {
				...common,
				operationId: "getOffPeak",
				summary: "When batches with `off_peak` go on",
				response: { 200: json("The times.", offPeakTimes), ...problems(...refusals) },
			},
		},
		async () => {
			const times = ports.operator.offPeak;
			if (!times) throw new GlassworksError("not_found", "This server has no off-peak times.");
			const now = new Date();
			const next = nextOffPeak(times, now)?.toISOString() ?? null;
			return { time_zone: times.timeZone, windows: times.windows, open: isOffPeak(times, now), next };
		},
	);
}

/** `stamp`: what makes it another answer than the one before. */
function unlessKnown<T>(request: FastifyRequest, reply: FastifyReply, body: T, stamp: unknown): T {
	const etag = `"${sha256Hex(JSON.stringify(stamp)).slice(0, 32)}"`;
	reply.header("etag", etag).header("cache-control", "private, no-cache");
	if (!matchesEtag(request.headers["if-none-match"], etag)) return body;
	return reply.code(304).send() as never;
}

const cursor = z.coerce.number().int().min(0).max(1_000_000);

function itemRoute(app: App, ports: HttpPorts): void {
	app.get(
		"/batches/:id/items",
		{
			schema: {
				...one,
				operationId: "listBatchItems",
				summary: "A batch's items, with the pictures that are there",
				description: "In the order in which they were sent, while the batch runs too.",
				querystring: listItemsQuery,
				response: { 200: json("One page.", batchItemPage), ...problems(...refusals, "invalid_request") },
			},
		},
		async (request) => {
			const { limit, before, status = null } = request.query;
			const after = before === undefined ? null : cursor.safeParse(before);
			if (after?.success === false)
				throw new GlassworksError("invalid_request", "before: must be `next` of the page before.", {}, [
					{ path: ["before"], message: "must be `next` of the page before" },
				]);
			const found = await ports.batches.get(principalOf(request).tenantId, request.params.id);
			const { items, next } = await ports.batches.items(found, { limit, after: after?.data ?? null, status });
			const jobIds = items.flatMap(({ jobId }) => (jobId ? [jobId] : []));
			const jobs = new Map((await ports.jobs.getMany(found.tenantId, jobIds)).map((job) => [job.id, job]));
			const data = await Promise.all(items.map((item) => presentItem(ports, item, jobs.get(item.jobId ?? "") ?? null)));
			return { data, next: next === null ? null : String(next) };
		},
	);
}

function steerRoutes(app: App, ports: HttpPorts): void {
	const steer = (verb: "pause" | "cancel", summary: string, description: string, act: (tenantId: string, id: string) => Promise<void>) =>
		app.post(
			`/batches/:id/${verb}`,
			{
				config: { access: "generate" },
				schema: {
					...{ ...one, summary, description: `Takes no body. ${description}`, operationId: `${verb}Batch` },
					response: { 200: json("The batch.", batch), ...problems(...refusals, "batch_ended") },
				},
			},
			async (request) => {
				const { tenantId } = principalOf(request);
				const { id } = request.params;
				await act(tenantId, id);
				ports.bus.publish(batchTopic(id), { type: "changed" });
				return viewBatch(ports, await ports.batches.get(tenantId, id));
			},
		);

	steer("pause", "Let no further item become a job", "What are jobs already go on.", (tenantId, id) =>
		ports.batches.pause(tenantId, id, "asked"),
	);

	steer(
		"cancel",
		"Cancel the rest of a batch",
		"Its unfinished jobs are cancelled too; pictures that are there stay, and what was set aside comes back.",
		async (tenantId, id) => {
			const jobIds = await ports.batches.cancel(tenantId, id);
			await cancelJobs(ports, await ports.batches.get(tenantId, id), jobIds);
		},
	);

	app.post(
		"/batches/:id/resume",
		{
			config: { access: "generate" },
			schema: {
				...one,
				operationId: "resumeBatch",
				summary: "Go on with a batch, with another budget if you say so",
				body: resumeBatch.nullish(),
				response: {
					200: json("The batch.", batch),
					...problems(...refusals, "invalid_request", "batch_ended", "budget_too_low", "insufficient_credit"),
				},
			},
		},
		async (request) => {
			const { tenantId } = principalOf(request);
			const { id } = request.params;
			await ports.batches.resume(tenantId, id, request.body?.budget_micro_usd);
			ports.bus.publish(batchTopic(id), { type: "changed" });
			return viewBatch(ports, await ports.batches.get(tenantId, id));
		},
	);
}

function retryRoute(app: App, ports: HttpPorts): void {
	const retryPorts = { ...workflowPorts(ports), batches: ports.batches };
	app.post(
		"/batches/:id/retry",
		{
			config: { access: "generate" },
			schema: {
				...one,
				operationId: "retryBatch",
				summary: "Try failed items again",
				description:
					"They become new jobs, charged as new at today's prices with the batch's discount. Safe to repeat: what waits or runs already is left alone.",
				body: retryBatch.nullish(),
				response: {
					200: json("How many, and the batch.", retriedBatch),
					...problems(...batchRefusals, "batch_ended", "insufficient_credit"),
				},
			},
		},
		async (request) => {
			const principal = principalOf(request);
			const found = await ports.batches.get(principal.tenantId, request.params.id);
			const retried = await retryItems(retryPorts, principal, found, request.body?.statuses ?? ["failed"]);
			ports.bus.publish(batchTopic(found.id), { type: "changed" });
			return { retried, batch: await viewBatch(ports, await ports.batches.get(principal.tenantId, found.id)) };
		},
	);
}
