import type { FastifyReply, FastifyRequest } from "fastify";
import { jobEvent } from "../contract/job.ts";
import { endedJobStatuses } from "../domain/jobs/job.ts";
import { principalOf } from "./authenticate.ts";
import { openEventStream } from "./eventStream.ts";
import { streamJob } from "./followJob.ts";
import { jobParams } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { errorForLog } from "./problem.ts";
import { readLastEventId, resumable } from "./readLastEventId.ts";
import { problems, security } from "./responses.ts";
import type { StreamSlots } from "./streamSlots.ts";
import { trainingParams } from "./trainingRoutes.ts";

/** `stop` is aborted when the server is about to close: streams end, and clients resume elsewhere. */
export function jobEventRoutes(app: App, ports: HttpPorts, stop: AbortSignal, slots: StreamSlots): void {
	const { streamsPerKey } = ports.config.limits;
	const send = sendEvents(ports, stop, slots);
	trainingEventRoute(app, ports, send);

	app.get(
		"/jobs/:id/events",
		{
			exposeHeadRoute: false,
			schema: {
				operationId: "followJob",
				tags: ["Jobs"],
				summary: "A job's events as they happen",
				description: `Server-sent events until the job has ended. Resume with the header Last-Event-ID, or \`after\`. At most ${streamsPerKey} streams per key. When there is nothing left to send the answer is 204, which also stops a browser's EventSource from asking again.`,
				security: security.key,
				params: jobParams,
				...resumable,
				response: {
					200: { description: "Events; the schema is that of each one's `data`.", content: { "text/event-stream": { schema: jobEvent } } },
					204: { description: "The job has ended and you have had all its events." },
					...problems("unauthenticated", "forbidden", "not_found", "invalid_request", "rate_limited"),
				},
			},
		},
		(request, reply) => send(request, reply, { jobId: request.params.id, after: readLastEventId(request) }),
	);
}

type SendEvents = (request: FastifyRequest, reply: FastifyReply, from: { jobId: string; after: number }) => Promise<FastifyReply>;

function trainingEventRoute(app: App, ports: HttpPorts, send: SendEvents): void {
	app.get(
		"/trainings/:id/events",
		{
			exposeHeadRoute: false,
			schema: {
				operationId: "followTraining",
				tags: ["Trainings"],
				summary: "A training's events as they happen",
				description: "As those of a job, which a training is: `progress` also tells the `loss`.",
				security: security.key,
				params: trainingParams,
				...resumable,
				response: {
					200: { description: "Events; the schema is that of each one's `data`.", content: { "text/event-stream": { schema: jobEvent } } },
					204: { description: "The training has ended and you have had all its events." },
					...problems("unauthenticated", "forbidden", "not_found", "job_deleted", "invalid_request", "rate_limited"),
				},
			},
		},
		async (request, reply) => {
			await ports.trainings.get(principalOf(request).tenantId, request.params.id);
			return send(request, reply, { jobId: request.params.id, after: readLastEventId(request) });
		},
	);
}

function sendEvents(ports: HttpPorts, stop: AbortSignal, slots: StreamSlots): SendEvents {
	const { streamHeartbeatMs, streamBufferBytes, streamPollMs } = ports.config.limits;
	return async (request: FastifyRequest, reply: FastifyReply, { jobId, after }: { jobId: string; after: number }) => {
		const principal = principalOf(request);
		const { tenantId } = principal;
		const found = await ports.jobs.get(tenantId, jobId);
		if (endedJobStatuses.includes(found.status) && (await ports.jobs.events(tenantId, jobId, after, 1)).length === 0)
			return reply.code(204).send();
		const leave = slots.take(principal);
		try {
			const stream = openEventStream(reply, { heartbeatMs: streamHeartbeatMs, bufferBytes: streamBufferBytes });
			await streamJob(ports, stream, { tenantId, jobId, after, pollMs: streamPollMs, stop });
		} catch (error) {
			// The answer has begun, so nothing can be said any more: the reader sees the end and resumes.
			request.log.error({ err: errorForLog(error), jobId }, "event stream broke");
		} finally {
			leave();
		}
		return reply;
	};
}
