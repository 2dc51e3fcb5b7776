import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Rate } from "../../src/domain/plans/rate.ts";
import type { RateLimiter } from "../../src/domain/plans/rateLimiter.ts";
import type { RateWindows } from "../../src/domain/plans/rateWindows.ts";
import type { Log } from "../../src/domain/ports.ts";
import { createMemoryRateLimiter, createRedisRateLimiter } from "../../src/limits/rateLimiter.ts";
import { createSharedRateLimiter } from "../../src/limits/sharedRateLimiter.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { createRateWindows } from "../../src/store/postgres/rateWindows.ts";
import type { Database } from "../../src/store/sql.ts";
import { openOwnRedis, redisServer } from "../limits/ownRedis.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

const redisUrl = process.env.TEST_REDIS_URL ?? "";
const logged: string[] = [];
const note = (data: object, message: string) => void logged.push(`${message} ${JSON.stringify(data)}`);
const log: Log = { info: note, warn: note, error: note };

let database: Awaited<ReturnType<typeof createDatabase>> | null = null;
let connection: Database | null = null;
const windows = () => createRateWindows(connection as Database);
beforeAll(async () => {
	if (adminUrl === "") return;
	database = await createDatabase();
	connection = await openDatabase({ databaseUrl: database.url, dataDir: "", log });
	await migrate(connection);
});
afterAll(async () => {
	await connection?.close();
	await database?.drop();
});

const opened: RateLimiter[] = [];
afterEach(async () => {
	await Promise.all(opened.splice(0).map((each) => each.close()));
	logged.length = 0;
});
const keep = (limiter: RateLimiter) => {
	opened.push(limiter);
	return limiter;
};

const hour: Rate = { requests: 5, per: "hour" };
const newKey = () => `submit:${crypto.randomUUID()}`;
const takeMany = async (limiters: RateLimiter[], key: string, rate: Rate, times: number) =>
	(await Promise.all(Array.from({ length: times }, (_, index) => limiters[index % limiters.length]?.take(key, rate)))).filter(
		(taken) => taken?.isAllowed,
	).length;
/** Once it counts in Redis: what one takes, the other misses. */
const areShared = (one: RateLimiter, other: RateLimiter) =>
	vi.waitFor(
		async () => {
			const key = newKey();
			await one.take(key, { requests: 1, per: "hour" });
			expect((await other.take(key, { requests: 1, per: "hour" })).isAllowed).toBe(false);
		},
		{ timeout: 60_000, interval: 50 },
	);

const implementations = [
	{ name: "memory", present: true, open: () => createMemoryRateLimiter() },
	{ name: "shared", present: adminUrl !== "", open: () => createSharedRateLimiter(windows(), log) },
	{ name: "redis", present: redisUrl !== "", open: () => createRedisRateLimiter(redisUrl, log) },
];

for (const { name, present, open } of implementations) {
	describe.skipIf(!present)(`the ${name} limiter`, () => {
		test("lets as many through as the rate says, tells how many are left, and then refuses until the window ends", async () => {
			const limiter = keep(open());
			const key = newKey();
			const left = [];
			for (let index = 0; index < 5; index++) left.push((await limiter.take(key, hour)).left);
			expect(left).toEqual([4, 3, 2, 1, 0]);
			for (let index = 0; index < 3; index++) {
				const taken = await limiter.take(key, hour);
				expect(taken).toMatchObject({ isAllowed: false, left: 0 });
				expect(taken.resetMs).toBeGreaterThan(3_000_000);
				expect(taken.resetMs).toBeLessThanOrEqual(3_600_000);
			}
			expect((await limiter.take(newKey(), hour)).isAllowed).toBe(true);
		});

		test("opens a new window after the old one", async () => {
			const limiter = keep(open());
			const key = newKey();
			const second: Rate = { requests: 1, per: "second" };
			await limiter.take(key, second);
			await vi.waitFor(async () => expect((await limiter.take(key, second)).isAllowed).toBe(true), { timeout: 30_000, interval: 200 });
		});

		test("two hundred at once are as many as the rate says", async () => {
			expect(await takeMany([keep(open())], newKey(), hour, 200)).toBe(5);
		});

		test("rates of other lengths are counted apart", async () => {
			const limiter = keep(open());
			const key = newKey();
			expect(await takeMany([limiter], key, hour, 10)).toBe(5);
			expect(await takeMany([limiter], key, { requests: 3, per: "minute" }, 10)).toBe(3);
		});
	});
}

describe.skipIf(redisUrl === "")("limiters on one Redis", () => {
	test("count together: two hundred requests to three servers are as many as the rate says", async () => {
		const limiters = [0, 1, 2].map(() => keep(createRedisRateLimiter(redisUrl, log)));
		const [one, other, third] = limiters as [RateLimiter, RateLimiter, RateLimiter];
		await areShared(one, other);
		await areShared(other, third);
		expect(await takeMany(limiters, newKey(), hour, 200)).toBe(5);
	});
});

describe.skipIf(adminUrl === "")("limiters on one PostgreSQL", () => {
	test("count together: two hundred requests to three servers are as many as the rate says", async () => {
		const limiters = [0, 1, 2].map(() => keep(createSharedRateLimiter(windows(), log)));
		expect(await takeMany(limiters, newKey(), hour, 200)).toBe(5);
	});

	test("never let through more than a large rate, and less only by the parts that others hold, for few statements", async () => {
		let statements = 0;
		const counted = {
			take: (...asked: Parameters<RateWindows["take"]>) => {
				statements += 1;
				return windows().take(...asked);
			},
		};
		const limiters = [0, 1, 2].map(() => keep(createSharedRateLimiter(counted, log)));
		const allowed = await takeMany(limiters, newKey(), { requests: 1_000, per: "hour" }, 3_000);
		expect(allowed).toBe(1_000);
		expect(statements).toBeLessThan(30);
	});
});

test("a database that is away is logged once, and each server counts for itself", async () => {
	const away = { take: () => Promise.reject(new Error("connect ECONNREFUSED postgres://user:secret-word@127.0.0.1")) };
	const limiter = keep(createSharedRateLimiter(away, log));
	expect(await takeMany([limiter], newKey(), hour, 20)).toBe(5);
	expect(logged.filter((line) => line.includes("each server limits rates for itself"))).toHaveLength(1);
	expect(logged.join("\n")).not.toContain("secret-word");
});

test("a Redis that is away is logged once, without its password, and each server counts for itself", async () => {
	const limiter = keep(createRedisRateLimiter("redis://:secret-word@127.0.0.1:1", log));
	expect(await takeMany([limiter], newKey(), hour, 20)).toBe(5);
	await vi.waitFor(() => expect(logged.join("\n")).toContain("rates are limited without it"), { timeout: 30_000 });
	expect(logged.join("\n")).not.toContain("secret-word");
});

describe.skipIf(!redisServer)("a Redis that stops and comes back", () => {
	test("stuck or killed, it makes nobody wait and lets nobody through who is over the rate; back again, all count together", async () => {
		const redis = await openOwnRedis();
		try {
			const one = keep(createRedisRateLimiter(redis.url, log));
			const other = keep(createRedisRateLimiter(redis.url, log));
			await areShared(one, other);
			redis.freeze();
			expect(await takeMany([one], newKey(), hour, 50)).toBe(5);
			redis.thaw();
			await areShared(one, other);
			await redis.kill();
			expect(await takeMany([one], newKey(), hour, 50)).toBe(5);
			await redis.start();
			await areShared(one, other);
			await areShared(other, one);
		} finally {
			await redis.close();
		}
	}, 180_000);
});
