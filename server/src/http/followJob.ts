import { jobTopic } from "../domain/jobs/announce.ts";
import type { JobEvent, JobEventType } from "../domain/jobs/job.ts";
import { type EventStream, frame } from "./eventStream.ts";
import type { HttpPorts } from "./ports.ts";
import { presentEvent, presentPassing } from "./presentJob.ts";
import { presentWaiting } from "./presentWaiting.ts";

const lastEvents: readonly JobEventType[] = ["job.succeeded", "job.partial", "job.failed", "job.cancelled"];
const batch = 200;

type FollowPorts = Pick<HttpPorts, "jobs" | "bus">;

/**
 * Sends a job's events after seq `after` until its last one, as they happen; in between its place and outlook when they change, progress
 * and previews, which may be lost.
 * Ends when the job has, when the reader leaves, or on `stop`.
 */
export async function followJob(
	{ jobs, bus }: FollowPorts,
	stream: EventStream,
	{ tenantId, jobId, after, pollMs, stop }: { tenantId: string; jobId: string; after: number; pollMs: number; stop: AbortSignal },
): Promise<void> {
	const until = AbortSignal.any([stream.closed, stop]);
	const wake = createWake();
	// Subscribed before the first look, so that nothing falls between.
	const unsubscribe = bus.subscribe(jobTopic(jobId), (message) => {
		const passing = presentPassing(jobId, message, new Date());
		if (passing) stream.sendIfQuick(frame({ type: passing.type, data: passing }));
		else wake.now();
	});
	until.addEventListener("abort", wake.now);
	try {
		let seen = after;
		const sayPlace = createPlaceTeller(jobs, stream, tenantId, jobId);
		while (!until.aborted) {
			const events: JobEvent[] = await jobs.events(tenantId, jobId, seen, batch);
			for (const event of events) stream.send(frame({ id: event.seq, type: event.type, data: presentEvent(event) }));
			const last = events.at(-1);
			if (last) seen = last.seq;
			if (events.some((event) => lastEvents.includes(event.type))) break;
			if (events.length < batch) {
				await sayPlace();
				await wake.within(pollMs);
			}
		}
	} finally {
		unsubscribe();
		until.removeEventListener("abort", wake.now);
		stream.end();
	}
}

/** Sends place, reason and outlook, when they are not what was sent last. */
function createPlaceTeller(jobs: FollowPorts["jobs"], stream: EventStream, tenantId: string, jobId: string): () => Promise<void> {
	let told = "";
	return async () => {
		const outlook = (await jobs.waiting([await jobs.get(tenantId, jobId)])).get(jobId);
		if (!outlook) return;
		const { as_of, ...body } = presentWaiting(outlook);
		if (JSON.stringify(body) === told) return;
		told = JSON.stringify(body);
		const data = { job_id: jobId, seq: null, type: "waiting", created_at: new Date().toISOString(), data: { as_of, ...body } };
		stream.sendIfQuick(frame({ type: "waiting", data }));
	};
}

/** A bell: `within` returns when it was rung since the last time, or after that many milliseconds. */
function createWake(): { now(): void; within(ms: number): Promise<void> } {
	let isRung = false;
	let ring = () => {};
	return {
		now: () => {
			isRung = true;
			ring();
		},
		within: (ms) =>
			new Promise((resolve) => {
				const timer = setTimeout(() => ring(), isRung ? 0 : ms);
				ring = () => {
					clearTimeout(timer);
					isRung = false;
					ring = () => {};
					resolve();
				};
			}),
	};
}
