import type { BatchBody, BatchEventBody } from "../../contract/batch.ts";
import type { BatchEvent } from "../../domain/batches/batch.ts";
import { batchTopic } from "../../domain/batches/feedBatches.ts";
import { createWake } from "../createWake.ts";
import { type EventStream, frame } from "../eventStream.ts";
import type { HttpPorts } from "../ports.ts";
import { viewBatch } from "./batchRoutes.ts";

/** Events of one look. */
const most = 200;
/** Whoever follows ten thousand items is told where they stand this often at most. */
const pauseMs = 500;

interface FollowOptions {
	tenantId: string;
	batchId: string;
	after: number;
	pollMs: number;
	stop: AbortSignal;
}

/**
 * Tells a batch's events after seq `after` until it has ended, and in between where it stands, when that changes: `progress`, which may be lost.
 * Ends when the batch has, when the reader leaves, or on `stop`. @throws {GlassworksError} not_found, when it is deleted meanwhile
 */
export async function followBatch(ports: HttpPorts, stream: EventStream, options: FollowOptions): Promise<void> {
	const { tenantId, batchId, after, pollMs, stop } = options;
	const until = AbortSignal.any([stream.closed, stop]);
	const wake = createWake();
	const unsubscribe = ports.bus.subscribe(batchTopic(batchId), wake.now);
	until.addEventListener("abort", wake.now);
	let seen = after;
	let told = "";
	try {
		while (!until.aborted) {
			// Before its events: an end that is seen here is among them.
			const batch = await ports.batches.get(tenantId, batchId);
			const events = await ports.batches.events(tenantId, batchId, seen, most);
			for (const event of events) stream.send(frame({ id: event.seq, type: event.type, data: presentBatchEvent(event) }));
			seen = events.at(-1)?.seq ?? seen;
			if (events.length === most) continue;
			if (batch.finishedAt) return;
			const data = progressOf(await viewBatch(ports, batch));
			if (JSON.stringify(data) !== told) {
				told = JSON.stringify(data);
				const event: BatchEventBody = { batch_id: batchId, seq: null, type: "progress", created_at: new Date().toISOString(), data };
				stream.sendIfQuick(frame({ type: event.type, data: event }));
			}
			await wake.within(pollMs);
			await new Promise((resolve) => setTimeout(resolve, until.aborted ? 0 : pauseMs));
		}
	} finally {
		unsubscribe();
		until.removeEventListener("abort", wake.now);
		stream.end();
	}
}

function progressOf({ status, waiting, counts, pictures, progress, eta, charged_micro_usd }: BatchBody): BatchEventBody["data"] {
	return { status, waiting, counts, pictures, progress, eta, charged_micro_usd };
}

function presentBatchEvent({ batchId, seq, type, createdAt, data }: BatchEvent): BatchEventBody {
	return { batch_id: batchId, seq, type, created_at: createdAt.toISOString(), data };
}
