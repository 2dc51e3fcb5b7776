import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asObject } from "../../domain/json.ts";
import { callerOf, onceOf } from "../common/callerOf.ts";
import { eventText, glassworksHeaders } from "../common/describeJob.ts";
import { wrong } from "../common/readPicture.ts";
import { event, sendEvents } from "../common/sendEvents.ts";
import { failureOf, hasEnded, hungUp, watchJob } from "../common/watchJob.ts";
import { presentPrediction } from "./answer.ts";
import { type Listed, pageSize, presentPage } from "./page.ts";
import { readInput } from "./readInput.ts";

type ById = { Params: { id: string } };
type ByName = { Params: { owner: string; name: string } };
const submits = { config: { access: "generate" as const, rate: "submit" as const } };
/** As long as Replicate keeps a request open. */
const maxWaitMs = 60_000;

export function predictionRoutes(app: FastifyInstance, door: Door): void {
	app.post("/predictions", submits, async (request, reply) => {
		const { version, model } = asObject(request.body);
		const name = version ?? model;
		if (typeof name !== "string" || name === "") throw wrong("version", "is required: a model's version, or owner/name");
		return predict(door, name, request, reply);
	});
	for (const kind of ["models", "deployments"])
		app.post<ByName>(`/${kind}/:owner/:name/predictions`, submits, async (request, reply) =>
			predict(door, `${request.params.owner}/${request.params.name}`, request, reply),
		);

	app.get<Listed>("/predictions", async (request) => {
		const caller = callerOf(request);
		const { data, next } = await caller.jobs({ limit: pageSize, before: request.query.cursor ?? null });
		const results = [];
		for (const job of data) results.push(await presentPrediction(door, caller, job));
		return presentPage(door, "predictions", results, next);
	});

	app.get<ById>("/predictions/:id", async (request, reply) => {
		const caller = callerOf(request);
		const job = await caller.job(request.params.id);
		reply.headers(glassworksHeaders(job));
		return presentPrediction(door, caller, job);
	});

	app.post<ById>("/predictions/:id/cancel", { config: { access: "generate" } }, async (request) => {
		const caller = callerOf(request);
		const job = await caller.job(request.params.id);
		// What has ended stays as it is.
		return presentPrediction(door, caller, hasEnded(job) ? job : await cancel(caller, job));
	});

	app.get<ById>("/streams/:id", { config: { access: "signed" } }, async (request, reply) => {
		const [path = "", query = ""] = request.url.split("?", 2);
		const { caller } = await door.enterSigned(path, query);
		const job = await caller.job(request.params.id);
		return sendEvents(reply, stream(caller, job, hungUp(reply)));
	});
}

async function cancel(caller: Caller, job: JobBody): Promise<JobBody> {
	return caller.cancel(job.id).catch((error) => {
		if (error instanceof GlassworksError && error.code === "job_not_cancellable") return caller.job(job.id);
		throw error;
	});
}

async function predict(door: Door, name: string, request: FastifyRequest, reply: FastifyReply): Promise<object> {
	const caller = callerOf(request);
	const asked = await readInput(door, caller, name, asObject(request.body));
	const once = onceOf(request, request.body ?? null);
	const gone = hungUp(reply);
	const accepted = await caller.accept(asked, once);
	reply.code(201).headers(glassworksHeaders(accepted));
	const waitMs = readPrefer(request.headers.prefer);
	const job = waitMs > 0 ? await waitFor(caller, accepted, waitMs, gone) : accepted;
	reply.headers(glassworksHeaders(job));
	const prediction = await presentPrediction(door, caller, job);
	// Clients take everything but `starting` for the end.
	return hasEnded(job) ? prediction : { ...prediction, status: "starting" };
}

/** `wait` or `wait=N`, in milliseconds. */
function readPrefer(header: string | string[] | undefined): number {
	const [, given] = /(?:^|,)\s*wait(?:=(\d{1,5}))?\s*(?:,|;|$)/.exec(String(header ?? "")) ?? [null, undefined];
	if (!/(?:^|,)\s*wait/.test(String(header ?? ""))) return 0;
	return Math.min(maxWaitMs, given === undefined ? maxWaitMs : Math.max(1, Number(given)) * 1_000);
}

/** A job as it is when it has ended, or after the time; it goes on either way. */
async function waitFor(caller: Caller, job: JobBody, waitMs: number, gone: AbortSignal): Promise<JobBody> {
	if (!hasEnded(job)) for await (const _event of watchJob(caller, job.id, AbortSignal.any([gone, AbortSignal.timeout(waitMs)])));
	return caller.job(job.id);
}

async function* stream(caller: Caller, job: JobBody, signal: AbortSignal): AsyncGenerator<string> {
	let id = 0;
	const say = (type: string, data: object | string) => event({ type, data, id: `${Date.now()}:${id++}` });
	for await (const each of watchJob(caller, job.id, signal)) {
		const text = eventText(each);
		if (text) yield say("logs", `${text}\n`);
	}
	const ended = await caller.job(job.id);
	const failure = failureOf(ended);
	for (const { status, url } of ended.images) if (status === "succeeded" && url) yield say("output", url);
	if (failure && ended.status !== "cancelled") yield say("error", JSON.stringify({ detail: failure.message }));
	yield say("done", ended.status === "cancelled" ? { reason: "canceled" } : failure ? { reason: "error" } : {});
}
