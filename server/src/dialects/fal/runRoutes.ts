import type { FastifyInstance, FastifyReply } from "fastify";
import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { callerOf, onceOf } from "../common/callerOf.ts";
import { glassworksHeaders } from "../common/describeJob.ts";
import { sendEvents } from "../common/sendEvents.ts";
import { awaitJob, hungUp } from "../common/watchJob.ts";
import { presentResult } from "./answer.ts";
import { readInput } from "./readInput.ts";
import { resultStream } from "./stream.ts";

/** Endpoints that answer with the result, or stream it. */
export function runRoutes(app: FastifyInstance, door: Door): void {
	app.post<{ Params: { "*": string } }>("/run/*", { config: { access: "generate", rate: "submit" } }, async (request, reply) => {
		const caller = callerOf(request);
		const address = request.params["*"];
		const streams = address.endsWith("/stream");
		const asked = await readInput(door, caller, streams ? address.slice(0, -"/stream".length) : address, request.body);
		const once = onceOf(request, request.body ?? null);
		const signal = hungUp(reply);
		const job = await caller.accept(asked, once);
		reply.headers({ "x-fal-request-id": job.id, ...glassworksHeaders(job) });
		if (streams)
			return sendEvents(
				reply,
				resultStream(caller, job, ({ code, message }) => ({ error: { code, message } }), signal),
			);
		const limit = Number(request.headers["x-fal-request-timeout"]);
		const options = { signal, cancels: once === null };
		const ended = await (limit > 0 ? awaitStart(caller, job, limit * 1_000, options, reply) : awaitJob(caller, job, options));
		reply.headers(glassworksHeaders(ended));
		return presentResult(caller, ended);
	});
}

/** Gives up on a job that has not begun after a while, as the client asked. @throws {GlassworksError} timeout */
async function awaitStart(
	caller: Caller,
	job: JobBody,
	limitMs: number,
	options: { signal: AbortSignal; cancels: boolean },
	reply: FastifyReply,
): Promise<JobBody> {
	const isLate = new AbortController();
	const timer = setTimeout(async () => {
		const now = await caller.job(job.id).catch(() => null);
		if (now && now.started_at === null && now.finished_at === null) isLate.abort();
	}, limitMs);
	try {
		const ended = await awaitJob(caller, job, { ...options, signal: AbortSignal.any([options.signal, isLate.signal]) });
		if (!isLate.signal.aborted || ended.started_at !== null) return ended;
	} finally {
		clearTimeout(timer);
	}
	// Its clients do not repeat a 504 that says so.
	reply.header("x-fal-request-timeout-type", "user");
	throw new GlassworksError("timeout", `The request had not begun after ${limitMs / 1_000} s, so it was stopped.`);
}
