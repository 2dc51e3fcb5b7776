import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { releaseClaims } from "../../src/store/postgres/webhooks/outbox.ts";
import { type Call, caller } from "../http/call.ts";
import { type ServerProcess, startServer } from "../kill/serverProcess.ts";
import { createDatabase } from "../support/testStores.ts";
import { until } from "../support/until.ts";
import { startReceiver, verify } from "./receiver.ts";

const jobs = 12;
/** The first messages are taken and never answered: whoever sent them is killed meanwhile. */
const unanswered = 3;
const patienceMs = 240_000;
const log = { info() {}, warn() {}, error() {} };

interface Sent {
	id: string;
	status: string;
	event: { id: string; subject: string };
}

test("a server killed while it sends webhooks sends every one of them once it runs again", { timeout: 600_000 }, async () => {
	const { start, receiver } = await setUp({});
	const first = start();
	const { call, ids, secret } = await tellOfJobs(await first.url, receiver);
	await until(() => receiver.messages.length >= unanswered, patienceMs);
	await first.end("SIGKILL");
	const second = start();
	await expectAllTold(caller(await second.url, call.key), receiver, ids, secret);
});

test.skipIf(!process.env.TEST_DATABASE_URL)(
	"of two servers that send webhooks, one is killed: the other sends all of them",
	{ timeout: 600_000 },
	async () => {
		const { url, drop } = await createDatabase();
		onTestFinished(drop);
		const { start, receiver } = await setUp({ DATABASE_URL: url });
		const first = start();
		await first.url;
		const second = start();
		const { call, ids, secret } = await tellOfJobs(await second.url, receiver);
		await until(() => receiver.messages.length >= unanswered, patienceMs);
		await first.end("SIGKILL");
		// The minute that its claims last is over.
		const database = await openDatabase({ databaseUrl: url, dataDir: "", log });
		await releaseClaims(database);
		await database.close();
		await expectAllTold(caller(await second.url, call.key), receiver, ids, secret);
	},
);

async function setUp(database: Record<string, string>) {
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-webhooks-"));
	const key = `gw_${randomBytes(32).toString("base64url")}`;
	const variables = {
		...{ GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "warn", GLASSWORKS_OWNER_KEY: key },
		...{ GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8", ...database },
	};
	const running: ServerProcess[] = [];
	onTestFinished(async () => {
		for (const server of running) await server.end("SIGKILL").catch(() => {});
		await rm(dataDir, { recursive: true, force: true });
	});
	const receiver = await startReceiver((_message, nth) => (nth <= unanswered ? new Promise(() => {}) : {}));
	const start = () => {
		const server = startServer("api", variables);
		running.push(server);
		return server;
	};
	return { start, receiver: { ...receiver, key } };
}

type KeyedReceiver = Awaited<ReturnType<typeof setUp>>["receiver"];

/** Cancels so many jobs, which is told to the receiver. */
async function tellOfJobs(url: string, { url: address, key }: KeyedReceiver) {
	const call: Call = caller(url, key);
	const { body: webhook } = await call("POST", "/api/v1/webhooks", { body: { url: address, events: ["job.cancelled"] } });
	const ids: string[] = [];
	for (let count = 0; count < jobs; count++) {
		const { body, text } = await call("POST", "/api/v1/generations", { body: { prompt: "a pear", run_after: "2099-01-01T00:00:00Z" } });
		if (!body.id) throw new Error(text);
		await call("POST", `/api/v1/jobs/${body.id}/cancel`);
		ids.push(body.id);
	}
	return { call: { key }, ids, secret: webhook.secret };
}

async function expectAllTold(call: Call, { messages }: KeyedReceiver, ids: string[], secret: string): Promise<void> {
	const log = await until(async () => {
		const sent = (await call("GET", "/api/v1/webhooks/deliveries?limit=100")).body.data as unknown as Sent[];
		return sent.every(({ status }) => status === "delivered") ? sent : null;
	}, patienceMs);
	expect(log.map(({ event }) => event.subject).sort()).toEqual(ids.toSorted());
	const answered = messages.slice(unanswered);
	for (const message of answered) verify(message, secret);
	expect(new Set(answered.map(({ data }) => data.id))).toEqual(new Set(ids));
	// Those that nobody answered came again under the same id.
	for (const { id } of messages.slice(0, unanswered)) expect(answered.map((message) => message.id)).toContain(id);
}
