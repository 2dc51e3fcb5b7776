import { z } from "zod";
import { jobEvent } from "../contract/job.ts";
import { GlassworksError } from "../domain/errors.ts";
import { endedJobStatuses } from "../domain/jobs/job.ts";
import { principalOf } from "./authenticate.ts";
import { openEventStream } from "./eventStream.ts";
import { streamJob } from "./followJob.ts";
import { jobParams } from "./jobRoutes.ts";
import type { App, HttpPorts } from "./ports.ts";
import { errorForLog } from "./problem.ts";
import { problems, security } from "./responses.ts";

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const query = z.object({ after: seq.optional().describe("Events after this seq. The header Last-Event-ID counts more.") });

/** `stop` is aborted when the server is about to close: streams end, and clients resume elsewhere. */
export function jobEventRoutes(app: App, ports: HttpPorts, stop: AbortSignal): void {
	const { streamsPerKey, streamHeartbeatMs, streamBufferBytes, streamPollMs } = ports.config.limits;
	const open = new Map<string, number>();

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
				headers: z.looseObject({ "last-event-id": z.string().optional().describe("The last event you had.") }),
				querystring: query,
				response: {
					200: { description: "Events; the schema is that of each one's `data`.", content: { "text/event-stream": { schema: jobEvent } } },
					204: { description: "The job has ended and you have had all its events." },
					...problems("unauthenticated", "forbidden", "not_found", "invalid_request", "rate_limited"),
				},
			},
		},
		async (request, reply) => {
			const { tenantId, keyId, userId } = principalOf(request);
			const jobId = request.params.id;
			const after = readAfter(request.headers["last-event-id"]) ?? request.query.after ?? 0;
			const found = await ports.jobs.get(tenantId, jobId);
			if (endedJobStatuses.includes(found.status) && (await ports.jobs.events(tenantId, jobId, after, 1)).length === 0)
				return reply.code(204).send();
			const holder = keyId ?? userId ?? `tenant ${tenantId}`;
			const held = open.get(holder) ?? 0;
			if (held >= streamsPerKey)
				throw new GlassworksError("rate_limited", `This key already follows ${held} jobs, as many as it may at once.`, {
					max: streamsPerKey,
					retry_after_s: 5,
				});
			open.set(holder, held + 1);
			try {
				const stream = openEventStream(reply, { heartbeatMs: streamHeartbeatMs, bufferBytes: streamBufferBytes });
				await streamJob(ports, stream, { tenantId, jobId, after, pollMs: streamPollMs, stop });
			} catch (error) {
				// The answer has begun, so nothing can be said any more: the reader sees the end and resumes.
				request.log.error({ err: errorForLog(error), jobId }, "event stream broke");
			} finally {
				const left = (open.get(holder) ?? 1) - 1;
				if (left > 0) open.set(holder, left);
				else open.delete(holder);
			}
			return reply;
		},
	);
}

function readAfter(header: string | string[] | undefined): number | undefined {
	if (header === undefined || header === "") return undefined;
	const parsed = seq.safeParse(header);
	if (parsed.success) return parsed.data;
	throw new GlassworksError("invalid_request", "Last-Event-ID: must be the id of an event.", {}, [
		{ path: ["Last-Event-ID"], message: "must be the id of an event" },
	]);
}
