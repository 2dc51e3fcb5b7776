import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Redis, type RedisOptions } from "ioredis";
import { z } from "zod";
import type { Bus, Log } from "../../domain/ports.ts";
import { createListeners } from "./listeners.ts";

const prefix = "glassworks:";
/** Beyond this Redis is stuck, and hints are not worth the memory. */
const maxUnanswered = 10_000;
const firstAttemptTimeoutMs = 5_000;
const commandTimeoutMs = 10_000;
const pingMs = 30_000;
const closeTimeoutMs = 1_000;

/** On the wire: who sent it, and the message as JSON text. */
const envelope = z.tuple([z.string(), z.string()]);

const options: RedisOptions = {
	lazyConnect: true,
	enableOfflineQueue: false,
	autoResubscribe: false,
	maxRetriesPerRequest: null,
	connectTimeout: 5_000,
	commandTimeout: commandTimeoutMs,
	keepAlive: 10_000,
	retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 10), 5_000),
};

/**
 * A bus between processes through Redis publish/subscribe. Listeners of this process hear its own messages directly, so they do also while
 * Redis is away; meanwhile the others miss them. Never throws for Redis' sake: it logs, and connects again for as long as it takes.
 */
export async function createRedisBus(url: string, log: Log): Promise<Bus> {
	const origin = randomUUID();
	const publisher = connectTo(url, "publisher", log);
	const subscriber = connectTo(url, "subscriber", log);
	let unanswered = 0;
	let closed = false;

	// What fails here is repeated by `ready`: it comes after every loss of the connection.
	const whenReady = (act: () => Promise<unknown>) => {
		if (subscriber.status === "ready") act().catch((error: unknown) => logFailure(log, error, "subscription"));
	};
	const listeners = createListeners(
		log,
		(topic) => whenReady(() => subscriber.subscribe(prefix + topic)),
		(topic) => whenReady(() => subscriber.unsubscribe(prefix + topic)),
	);
	subscriber.on("ready", () => {
		const channels = listeners.topics().map((topic) => prefix + topic);
		if (channels.length > 0) whenReady(() => subscriber.subscribe(...channels));
	});
	subscriber.on("message", (channel: string, payload: string) => {
		const read = readEnvelope(payload);
		if (read && read.origin !== origin) listeners.deliver(channel.slice(prefix.length), read.text);
	});
	const firstAttempts = Promise.all([publisher, subscriber].map((client) => client.connect().catch(() => {})));
	await Promise.race([firstAttempts, delay(firstAttemptTimeoutMs, undefined, { ref: false })]);
	const pingTimer = setInterval(() => [publisher, subscriber].forEach(ping), pingMs).unref();

	return {
		publish(topic, message) {
			if (closed) return;
			const text = JSON.stringify(message);
			listeners.deliver(topic, text);
			if (publisher.status !== "ready" || unanswered >= maxUnanswered) return;
			unanswered += 1;
			publisher
				.publish(prefix + topic, JSON.stringify([origin, text]))
				// The connection's own events tell of it once; this would for each message.
				.catch(() => {})
				.finally(() => {
					unanswered -= 1;
				});
		},
		subscribe: (topic, onMessage) => (closed ? () => {} : listeners.add(topic, onMessage)),
		async close() {
			if (closed) return;
			closed = true;
			clearInterval(pingTimer);
			listeners.clear();
			await Promise.all([publisher, subscriber].map(disconnect));
		},
	};
}

function connectTo(url: string, role: string, log: Log): Redis {
	const client = new Redis(url, options);
	let wasLost = false;
	client.on("error", (error: unknown) => {
		// Every attempt to connect again fails alike: one line for all of them.
		if (!wasLost) logFailure(log, error, role);
		wasLost = true;
	});
	client.on("ready", () => {
		if (wasLost) log.info({ role }, "redis is back");
		wasLost = false;
	});
	return client;
}

/** Connects anew where a connection died without a word. */
function ping(client: Redis): void {
	if (client.status === "ready") client.ping().catch(() => client.disconnect(true));
}

/** Lets what was published go out first, but does not wait for a Redis that is away or stuck. */
async function disconnect(client: Redis): Promise<void> {
	if (client.status === "ready") await Promise.race([client.quit().catch(() => {}), delay(closeTimeoutMs, undefined, { ref: false })]);
	client.disconnect();
}

/** Null for what no Glassworks sent. */
function readEnvelope(payload: string): { origin: string; text: string } | null {
	try {
		const [origin, text] = envelope.parse(JSON.parse(payload));
		JSON.parse(text);
		return { origin, text };
	} catch {
		return null;
	}
}

function logFailure(log: Log, error: unknown, role: string): void {
	const reason = error instanceof Error ? error.message || error.name : "unknown";
	log.warn({ role, reason }, "redis could not be used; progress of other servers may be late");
}
