import { batchEvent } from "../../contract/batch.ts";
import { principalOf } from "../authenticate.ts";
import { openEventStream } from "../eventStream.ts";
import type { App, HttpPorts } from "../ports.ts";
import { errorForLog } from "../problem.ts";
import { readLastEventId, resumable } from "../readLastEventId.ts";
import { problems, security } from "../responses.ts";
import type { StreamSlots } from "../streamSlots.ts";
import { batchParams } from "./batchRoutes.ts";
import { followBatch } from "./followBatch.ts";

/** `stop` is aborted when the server is about to close: streams end, and clients resume elsewhere. */
export function batchEventRoutes(app: App, ports: HttpPorts, stop: AbortSignal, slots: StreamSlots): void {
	const { streamHeartbeatMs, streamBufferBytes, streamPollMs } = ports.config.limits;

	app.get(
		"/batches/:id/events",
		{
			exposeHeadRoute: false,
			schema: {
				operationId: "followBatch",
				tags: ["Batches"],
				summary: "A batch's events as they happen",
				description:
					"Server-sent events until the batch has ended. Resume with the header Last-Event-ID, or `after`. Counts among a key's streams. When there is nothing left to send the answer is 204.",
				security: security.key,
				params: batchParams,
				...resumable,
				response: {
					200: {
						description: "Events; the schema is that of each one's `data`.",
						content: { "text/event-stream": { schema: batchEvent } },
					},
					204: { description: "The batch has ended and you have had all its events." },
					...problems("unauthenticated", "forbidden", "not_found", "invalid_request", "rate_limited"),
				},
			},
		},
		async (request, reply) => {
			const principal = principalOf(request);
			const { tenantId } = principal;
			const batchId = request.params.id;
			const after = readLastEventId(request);
			const found = await ports.batches.get(tenantId, batchId);
			if (found.finishedAt && (await ports.batches.events(tenantId, batchId, after, 1)).length === 0) return reply.code(204).send();
			const leave = slots.take(principal);
			try {
				const stream = openEventStream(reply, { heartbeatMs: streamHeartbeatMs, bufferBytes: streamBufferBytes });
				await followBatch(ports, stream, { tenantId, batchId, after, pollMs: streamPollMs, stop });
			} catch (error) {
				// The answer has begun, so nothing can be said any more: the reader sees the end and resumes.
				request.log.error({ err: errorForLog(error), batchId }, "event stream broke");
			} finally {
				leave();
			}
			return reply;
		},
	);
}
