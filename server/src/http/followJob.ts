import type { JobEventBody } from "../contract/door.ts";
import { jobTopic } from "../domain/jobs/announce.ts";
import type { JobEvent, JobEventType } from "../domain/jobs/job.ts";
import { createWake } from "./createWake.ts";
import { type EventStream, frame } from "./eventStream.ts";
import type { HttpPorts } from "./ports.ts";
import { presentEvent, presentPassing } from "./presentJob.ts";
import { presentWaiting } from "./presentWaiting.ts";

const lastEvents: readonly JobEventType[] = ["job.succeeded", "job.partial", "job.failed", "job.cancelled"];
const batch = 200;

type FollowPorts = Pick<HttpPorts, "jobs" | "bus">;

/** Who is told of a job's events. */
export interface Follower {
	/** Durable ones, which must arrive. */
	event(event: JobEventBody): void;
	/** Place and outlook when they change, progress and previews: may be lost. */
	passing(event: JobEventBody): void;
	/** Aborted once nobody listens any more. */
	closed: AbortSignal;
}

/** Follows a job on a stream of server-sent events, which then ends. */
export async function streamJob(ports: FollowPorts, stream: EventStream, options: FollowOptions): Promise<void> {
	const follower: Follower = {
		event: (event) => stream.send(frame({ id: event.seq ?? 0, type: event.type, data: event })),
		passing: (event) => stream.sendIfQuick(frame({ type: event.type, data: event })),
		closed: stream.closed,
	};
	try {
		await followJob(ports, follower, options);
	} finally {
		stream.end();
	}
}

interface FollowOptions {
	tenantId: string;
	jobId: string;
	after: number;
	pollMs: number;
	stop: AbortSignal;
}

/**
 * Tells a job's events after seq `after` until its last one, as they happen; in between its place and outlook when they change, progress
 * and previews, which may be lost.
 * Ends when the job has, when the follower leaves, or on `stop`.
 */
export async function followJob(
	{ jobs, bus }: FollowPorts,
	follower: Follower,
	{ tenantId, jobId, after, pollMs, stop }: FollowOptions,
): Promise<void> {
	const until = AbortSignal.any([follower.closed, stop]);
	const wake = createWake();
	// Subscribed before the first look, so that nothing falls between.
	const unsubscribe = bus.subscribe(jobTopic(jobId), (message) => {
		const passing = presentPassing(jobId, message, new Date());
		if (passing) follower.passing(passing);
		else wake.now();
	});
	until.addEventListener("abort", wake.now);
	try {
		let seen = after;
		const sayPlace = createPlaceTeller(jobs, follower, tenantId, jobId);
		while (!until.aborted) {
			const events: JobEvent[] = await jobs.events(tenantId, jobId, seen, batch);
			for (const event of events) follower.event(presentEvent(event));
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
	}
}

/** Tells place, reason and outlook, when they are not what was told last. */
function createPlaceTeller(jobs: FollowPorts["jobs"], follower: Follower, tenantId: string, jobId: string): () => Promise<void> {
	let told = "";
	return async () => {
		const [job] = await jobs.getMany(tenantId, [jobId]);
		if (!job) return;
		const outlook = (await jobs.waiting([job])).get(jobId);
		if (!outlook) return;
		const { as_of, ...body } = presentWaiting(outlook);
		if (JSON.stringify(body) === told) return;
		told = JSON.stringify(body);
		follower.passing({
			...{ job_id: jobId, seq: null, type: "waiting", created_at: new Date().toISOString() },
			data: { as_of, ...body },
		});
	};
}
