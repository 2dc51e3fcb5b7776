import { randomUUID } from "node:crypto";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { requestBody } from "../support/crowd.ts";
import type { Claim, Contender, Waker } from "./contender.ts";
import { createSignal } from "./signal.ts";

const chunk = 5_000;
const body = requestBody("sdxl");
const lockDuration = 600_000;

interface Redises {
	connection: { url: string; maxRetriesPerRequest: null };
	/** Of all keys of this run. */
	prefix: string;
}

interface Held {
	job: Job;
	token: string;
}

/** The largest there is. */
const lowestPriority = 2_097_151;

/**
 * BullMQ as its manual describes it, a connection per worker: first in, first out, its fastest; or ordered by priorities, the nearest it has
 * to an order of ours. It has no batched fetch (only its paid edition has), so a claimer with several slots sends that many fetches at once
 * down its connection.
 */
export async function openBullmq(redisUrl: string, claimers: number, order: "fifo" | "priorities"): Promise<Contender> {
	const redises: Redises = { connection: { url: redisUrl, maxRetriesPerRequest: null }, prefix: `glassworks-bench-${randomUUID()}` };
	const queue = new Queue("pictures", redises);
	const workers = Array.from({ length: claimers }, () => new Worker("pictures", null, { ...redises, autorun: false, lockDuration }));
	await Promise.all([queue, ...workers].map((each) => each.waitUntilReady()));
	const held: Held[] = [];
	const newOptions = () => (order === "priorities" ? { priority: 1 + Math.floor(Math.random() * lowestPriority) } : {});
	const addBulk = (count: number) =>
		queue.addBulk(Array.from({ length: count }, () => ({ name: "picture", data: body, opts: newOptions() })));
	return {
		name: order === "fifo" ? "BullMQ" : "BullMQ with priorities",
		async load(count, deadlineMs) {
			let loaded = 0;
			for (; loaded < count && performance.now() < deadlineMs; loaded += Math.min(chunk, count - loaded))
				await addBulk(Math.min(chunk, count - loaded));
			return loaded;
		},
		submit: () => queue.add("picture", body, newOptions()),
		submitTogether: addBulk,
		submitEach: addBulk,
		claimers: workers.map((worker) => claimOf(worker, held)),
		openWaker: async (wire) => (wire === "Redis" && order === "fifo" ? openWaker(redises) : null),
		askPlace: null,
		async endClaimed() {
			await Promise.all(held.splice(0).map(({ job, token }) => job.moveToCompleted("done", token, false)));
		},
		tidy: async () => {},
		async close() {
			await Promise.all([queue, ...workers].map((each) => each.close()));
			await removeKeys(redisUrl, redises.prefix);
		},
	};
}

function claimOf(worker: Worker, held: Held[]): Claim {
	const token = randomUUID();
	return async (slots) => {
		const jobs = await Promise.all(Array.from({ length: slots }, () => worker.getNextJob(token, { block: false })));
		const got = jobs.filter((job) => job !== undefined);
		held.push(...got.map((job) => ({ job, token })));
		return got.length;
	};
}

async function openWaker(redises: Redises): Promise<Waker> {
	const arrival = createSignal();
	const queue = new Queue("quiet", redises);
	const worker = new Worker("quiet", async () => arrival.ring(), redises);
	await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
	return {
		submit: () => queue.add("picture", body),
		claimed: () => arrival.next(),
		async close() {
			await worker.close();
			await queue.close();
		},
	};
}

async function removeKeys(redisUrl: string, prefix: string): Promise<void> {
	const redis = new Redis(redisUrl);
	for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 10_000 }) as AsyncIterable<string[]>)
		if (keys.length > 0) await redis.unlink(...keys);
	redis.disconnect();
}
