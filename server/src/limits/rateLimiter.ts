import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { periodOf, type Rate } from "../domain/plans/rate.ts";
import type { RateLimiter, Taken } from "../domain/plans/rateLimiter.ts";
import type { Log } from "../domain/ports.ts";

const keyPrefix = "glassworks:rate";
/** A Redis that is slower than this is not waited for: requests would be. */
const commandTimeoutMs = 250;
/** After Redis failed, this long nobody asks it. */
const restMs = 1_000;
const closeTimeoutMs = 1_000;

type Counter = Pick<RateLimiterMemory, "consume">;

/** Counts in this process: enough for one server. */
export function createMemoryRateLimiter(): RateLimiter {
	const counters = createCounters(memoryCounter);
	return { take: (key, rate) => takeFrom(counters(rate), key, rate), close: async () => {} };
}

/** Counts in Redis, for all servers together. While Redis is away or stuck, `otherwise` counts: left out, each server for itself. */
export function createRedisRateLimiter(url: string, log: Log, otherwise = createMemoryRateLimiter()): RateLimiter {
	const redis = connectTo(url, log);
	const shared = createCounters((rate) => redisCounter(rate, redis));
	let restsUntil = 0;
	return {
		async take(key, rate) {
			if (redis.status !== "ready" || Date.now() < restsUntil) return otherwise.take(key, rate);
			try {
				return await takeFrom(shared(rate), key, rate);
			} catch {
				restsUntil = Date.now() + restMs;
				return otherwise.take(key, rate);
			}
		},
		async close() {
			const bye = redis.status === "ready" ? redis.quit().catch(() => {}) : undefined;
			const timeout = new Promise((resolve) => setTimeout(resolve, closeTimeoutMs).unref());
			await Promise.race([bye, timeout]);
			redis.disconnect();
			await otherwise.close();
		},
	};
}

/** One counter for each rate there is: its window and size are the counter's own. */
function createCounters(open: (rate: Rate) => Counter): (rate: Rate) => Counter {
	const byRate = new Map<string, Counter>();
	return (rate) => {
		const name = `${rate.requests}/${rate.per}`;
		const known = byRate.get(name);
		if (known) return known;
		const counter = open(rate);
		byRate.set(name, counter);
		return counter;
	};
}

function memoryCounter(rate: Rate): Counter {
	return new RateLimiterMemory({ keyPrefix, points: rate.requests, duration: periodOf(rate) / 1_000 });
}

function redisCounter(rate: Rate, storeClient: Redis): Counter {
	return new RateLimiterRedis({
		storeClient,
		// A window of another length is another count.
		keyPrefix: `${keyPrefix}:${rate.per}`,
		points: rate.requests,
		duration: periodOf(rate) / 1_000,
		// Whoever is over its rate is refused from memory until the window ends: floods do not reach Redis.
		inMemoryBlockOnConsumed: rate.requests + 1,
	});
}

/** What is no answer of the counter itself is thrown. */
async function takeFrom(counter: Counter, key: string, { requests }: Rate): Promise<Taken> {
	try {
		return present(await counter.consume(key), true, requests);
	} catch (refused) {
		if (refused instanceof RateLimiterRes) return present(refused, false, requests);
		throw refused;
	}
}

function present({ remainingPoints, msBeforeNext }: RateLimiterRes, isAllowed: boolean, requests: number): Taken {
	return { isAllowed, left: isAllowed ? Math.min(requests, Math.max(0, remainingPoints)) : 0, resetMs: Math.max(1, msBeforeNext) };
}

function connectTo(url: string, log: Log): Redis {
	const client = new Redis(url, {
		enableOfflineQueue: false,
		maxRetriesPerRequest: null,
		connectTimeout: 5_000,
		commandTimeout: commandTimeoutMs,
		keepAlive: 10_000,
		retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 10), 5_000),
	});
	let wasLost = false;
	client.on("error", (error: unknown) => {
		// Every attempt to connect again fails alike: one line for all of them.
		if (!wasLost) log.warn({ role: "limits", reason: reasonOf(error) }, "redis could not be used; rates are limited without it");
		wasLost = true;
	});
	client.on("ready", () => {
		if (wasLost) log.info({ role: "limits" }, "redis is back");
		wasLost = false;
	});
	return client;
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message || error.name : "unknown";
}
