import { PgBoss } from "pg-boss";
import { requestBody } from "../support/crowd.ts";
import { onServer } from "../support/servers.ts";
import type { Claim, Contender, Waker } from "./contender.ts";
import { createSignal } from "./signal.ts";

const queue = "pictures";
const quietQueue = "quiet";
const chunk = 10_000;
const body = requestBody("sdxl");

/**
 * pg-boss at its best for this: a table of the queue's own, as many connections as ours, LISTEN/NOTIFY for the waiting worker (with its
 * shortest poll behind it) but not for the big queue, where it would cost every insert; no maintenance while it is measured.
 */
export async function openPgBoss(databaseUrl: string, claimers: number): Promise<Contender> {
	const boss = new PgBoss({ connectionString: databaseUrl, max: 16, supervise: false, schedule: false, useListenNotify: true });
	boss.on("error", (error) => console.error(`pg-boss: ${error.message}`));
	await boss.start();
	await boss.createQueue(queue, { partition: true });
	await boss.createQueue(quietQueue, { partition: true, notify: true });
	const claimed: string[] = [];
	const insert = (count: number) =>
		boss.insert(
			queue,
			Array.from({ length: count }, () => ({ data: body })),
		);
	const claim: Claim = async (slots) => {
		const jobs = await boss.fetch(queue, { batchSize: slots });
		claimed.push(...jobs.map(({ id }) => id));
		return jobs.length;
	};
	return {
		name: "pg-boss",
		async load(count, deadlineMs) {
			let loaded = 0;
			for (; loaded < count && performance.now() < deadlineMs; loaded += Math.min(chunk, count - loaded))
				await insert(Math.min(chunk, count - loaded));
			await onServer(databaseUrl, "vacuum analyze");
			return loaded;
		},
		submit: () => boss.send(queue, body),
		submitTogether: insert,
		submitEach: insert,
		claimers: Array.from({ length: claimers }, () => claim),
		openWaker: async (wire) => (wire === "PostgreSQL" ? openWaker(boss) : null),
		askPlace: null,
		async endClaimed() {
			if (claimed.length > 0) await boss.complete(queue, claimed.splice(0));
		},
		tidy: async () => void (await onServer(databaseUrl, "vacuum analyze")),
		close: () => boss.stop({ graceful: false }),
	};
}

async function openWaker(boss: PgBoss): Promise<Waker> {
	const arrival = createSignal();
	const poll = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };
	const id = await boss.work(quietQueue, poll, async () => arrival.ring());
	return {
		submit: () => boss.send(quietQueue, body),
		claimed: () => arrival.next(),
		close: () => boss.offWork(quietQueue, { id }),
	};
}
