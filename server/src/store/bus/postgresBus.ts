import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import type { Bus, Log } from "../../domain/ports.ts";
import { createListeners } from "./listeners.ts";

const channel = "glassworks";
/** PostgreSQL takes less than 8,000 bytes per notification. */
const maxPayloadBytes = 7_000;
/** At most one commit in this time, the first at once: notifying commits take turns in the whole database. */
const batchMs = 5;
const maxQueued = 10_000;
const queryTimeoutMs = 10_000;
const pingMs = 30_000;
const closeTimeoutMs = 1_000;

/** On the wire: sender, running number (PostgreSQL drops equal notifications of one transaction), topic, message as JSON text. */
const envelope = z.tuple([z.string(), z.number(), z.string(), z.string()]);

/**
 * A bus between processes through LISTEN/NOTIFY on one connection of its own, which must not go through a transaction pooler. Listeners of
 * this process hear its own messages directly, of any size; others hear what fits 7,000 bytes with its topic. Never throws for the
 * database's sake: it logs, and connects again for as long as it takes; messages of the meantime are lost to the others.
 */
export async function createPostgresBus({ connectionString }: { connectionString: string }, log: Log): Promise<Bus> {
	const origin = randomUUID();
	const listeners = createListeners(log);
	const link = await openLink(connectionString, log, (payload) => {
		const read = readEnvelope(payload);
		if (read && read.origin !== origin) listeners.deliver(read.topic, read.text);
	});
	const outbox = createOutbox(link);
	let sent = 0;
	let closed = false;

	return {
		publish(topic, message) {
			if (closed) return;
			const text = JSON.stringify(message);
			listeners.deliver(topic, text);
			sent += 1;
			const payload = JSON.stringify([origin, sent, topic, text]);
			if (Buffer.byteLength(payload) <= maxPayloadBytes) outbox.add(payload);
		},
		subscribe: (topic, onMessage) => (closed ? () => {} : listeners.add(topic, onMessage)),
		async close() {
			if (closed) return;
			closed = true;
			listeners.clear();
			// A database that is stuck must not hold up the end of the process.
			const finish = outbox.drained().then(() => link.close());
			await Promise.race([finish, delay(closeTimeoutMs, undefined, { ref: false })]);
			await link.close();
		},
	};
}

interface Link {
	isUp(): boolean;
	/** Notifies the others. Does nothing while there is no connection. */
	notify(payloads: string[]): Promise<void>;
	close(): Promise<void>;
}

/** Keeps one listening connection, whatever happens to it. Returns after the first attempt, whether it worked or not. */
async function openLink(connectionString: string, log: Log, onPayload: (payload: string) => void): Promise<Link> {
	let client: pg.Client | null = null;
	let failures = 0;
	let closed = false;
	let retryTimer: NodeJS.Timeout | undefined;

	const lose = (lost: pg.Client, error: unknown) => {
		discard(lost);
		if (client !== lost) return;
		client = null;
		retryLater(error);
	};
	const retryLater = (error: unknown) => {
		if (closed) return;
		if (failures === 0) log.warn({ reason: reasonOf(error) }, "the bus lost the database; progress of other servers may be late");
		const backoffMs = Math.min(100 * 2 ** Math.min(failures, 10), 5_000);
		failures += 1;
		// Spread, so that all servers do not come back in the same moment.
		retryTimer = setTimeout(() => void connect(), backoffMs * (0.5 + Math.random() / 2)).unref();
	};
	const connect = async () => {
		const next = newClient(connectionString);
		next.on("error", (error) => lose(next, error));
		next.on("end", () => lose(next, new Error("the connection was closed")));
		next.on("notification", ({ payload }) => onPayload(payload ?? ""));
		try {
			await next.connect();
			await next.query(`listen ${channel}`);
		} catch (error) {
			discard(next);
			return retryLater(error);
		}
		if (closed) return discard(next);
		client = next;
		if (failures > 0) log.info({}, "the bus has the database again");
		failures = 0;
	};
	const ask = async (query: string, values: unknown[]) => {
		const asked = client;
		await asked?.query(query, values).catch((error: unknown) => lose(asked, error));
	};

	await connect();
	// Finds a connection that died without a word.
	const pingTimer = setInterval(() => void ask("select 1", []), pingMs).unref();
	return {
		isUp: () => client !== null,
		notify: (payloads) => ask("select pg_notify($1, payload) from unnest($2::text[]) as payload", [channel, payloads]),
		async close() {
			closed = true;
			clearTimeout(retryTimer);
			clearInterval(pingTimer);
			await client?.end().catch(() => {});
		},
	};
}

function newClient(connectionString: string): pg.Client {
	return new pg.Client({
		connectionString,
		keepAlive: true,
		connectionTimeoutMillis: 5_000,
		query_timeout: queryTimeoutMs,
		application_name: "glassworks bus",
	});
}

function discard(client: pg.Client): void {
	client.end().catch(() => {});
}

interface Outbox {
	/** Queues for the next batch; drops it while there is no connection or too much is queued. */
	add(payload: string): void;
	/** Ends when all that was queued has been sent. */
	drained(): Promise<void>;
}

function createOutbox(link: Link): Outbox {
	let queue: string[] = [];
	let sending: Promise<void> | null = null;
	let sentAt = 0;

	const sendBatches = async () => {
		while (queue.length > 0) {
			const restMs = sentAt + batchMs - performance.now();
			if (restMs > 0) await delay(restMs);
			sentAt = performance.now();
			const payloads = queue;
			queue = [];
			await link.notify(payloads);
		}
		sending = null;
	};
	return {
		add(payload) {
			if (!link.isUp() || queue.length >= maxQueued) return;
			queue.push(payload);
			sending ??= sendBatches();
		},
		drained: async () => {
			await sending;
		},
	};
}

/** Null for what no Glassworks sent: anyone who may use the database may notify. */
function readEnvelope(payload: string): { origin: string; topic: string; text: string } | null {
	try {
		const [origin, , topic, text] = envelope.parse(JSON.parse(payload));
		JSON.parse(text);
		return { origin, topic, text };
	} catch {
		return null;
	}
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message || error.name : "unknown";
}
