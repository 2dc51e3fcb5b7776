import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller, Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { callerOf, onceOf } from "../common/callerOf.ts";
import { glassworksHeaders } from "../common/describeJob.ts";
import { sendEvents } from "../common/sendEvents.ts";
import { hasEnded, hungUp } from "../common/watchJob.ts";
import { addressesOf, presentResult, presentStatus } from "./answer.ts";
import { readInput } from "./readInput.ts";
import { statusStream } from "./stream.ts";

type Wild = { Params: { "*": string }; Querystring: { logs?: string; fal_webhook?: string } };

/** The queue: submit, status (polled or streamed), result, cancel. */
export function queueRoutes(app: FastifyInstance, door: Door): void {
	app.post<Wild>("/queue/*", { config: { access: "generate", rate: "submit" } }, async (request, reply) => {
		const endpoint = request.params["*"];
		const caller = callerOf(request);
		const asked = await readInput(door, caller, endpoint, request.body, request.query.fal_webhook ?? null);
		const job = await caller.accept(asked, onceOf(request, request.body ?? null));
		reply.headers({ "x-fal-request-id": job.id, ...glassworksHeaders(job) });
		return { ...addressesOf(door, endpoint, job.id), ...(await presentStatus(door, caller, endpoint, job, false)) };
	});

	app.get<Wild>("/queue/*", async (request, reply) => {
		const caller = callerOf(request);
		const { endpoint, jobId, what } = readAddress(request.params["*"]);
		return answerAbout(door, caller, { endpoint, jobId, what }, request, reply);
	});

	app.put<Wild>("/queue/*", { config: { access: "generate" } }, async (request, reply) => {
		const { jobId, what } = readAddress(request.params["*"]);
		if (what !== "cancel") throw nothing();
		const caller = callerOf(request);
		if (hasEnded(await caller.job(jobId))) return reply.code(400).send({ status: "ALREADY_COMPLETED" });
		await caller.cancel(jobId);
		return reply.code(202).send({ status: "CANCELLATION_REQUESTED" });
	});
}

async function answerAbout(
	door: Door,
	caller: Caller,
	{ endpoint, jobId, what }: { endpoint: string; jobId: string; what: string },
	request: FastifyRequest<Wild>,
	reply: FastifyReply,
): Promise<unknown> {
	const withLogs = ["1", "true"].includes(request.query.logs ?? "");
	const job = await caller.job(jobId);
	reply.headers({ "x-fal-request-id": job.id, ...glassworksHeaders(job) });
	if (what === "status/stream") {
		// Spoken of as long as somebody listens; the job goes on either way.
		const signal = hungUp(reply);
		return sendEvents(reply, statusStream(door, caller, endpoint, job, { signal, withLogs }));
	}
	if (what === "status") return presentStatus(door, caller, endpoint, job, withLogs);
	if (what === "") return presentResult(caller, job);
	throw nothing();
}

function readAddress(address: string): { endpoint: string; jobId: string; what: string } {
	const [, endpoint = "", jobId = "", what = ""] = /^(.+)\/requests\/([A-Za-z0-9_-]{1,100})(?:\/(.+))?$/.exec(address) ?? [];
	if (!jobId) throw nothing();
	return { endpoint, jobId, what };
}

const nothing = () => new GlassworksError("not_found", "Nothing here by that address.");
