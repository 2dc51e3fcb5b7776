import { randomInt } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Job } from "@glassworks/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "../../src/store/sql.ts";
import { recordedRun } from "../engines/comfyui/replay/recordedRun.ts";
import { type ReplayServer, startReplayServer } from "../engines/comfyui/replay/startReplayServer.ts";
import { caller } from "../http/call.ts";
import { findBrokenPromises } from "../kill/findBrokenPromises.ts";
import { pictureMicroUsd, randomFrom } from "../kill/killRounds.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";
import { type Fleet, liveWorkers, members, startFleet, until, untilReady } from "./fleet.ts";

const redisUrl = process.env.TEST_REDIS_URL ?? "";
const rounds = Number(process.env.GLASSWORKS_KILL_ROUNDS ?? 3);
const seed = Number(process.env.GLASSWORKS_KILL_SEED ?? randomInt(2 ** 31));
const jobsPerRound = 8;
const timeoutMs = 600_000 + rounds * 60_000;
const small = { steps: 1, width: 64, height: 64, upscale: false, restore_faces: false };

for (const [name, redis] of [
	["PostgreSQL alone", null],
	["PostgreSQL and Redis", redisUrl],
] as const)
	describe.skipIf(adminUrl === "" || redis === "")(`two APIs and three workers on ${name}`, () => {
		let server: Awaited<ReturnType<typeof createDatabase>>;
		let comfyui: ReplayServer;
		let fleet: Fleet;
		const accepted = new Map<string, string>();
		beforeAll(async () => {
			server = await createDatabase();
			comfyui = await startReplayServer({ runs: [recordedRun("02-txt2img-feature-flags-preview4")] });
			fleet = await startFleet(server.url, redis);
		}, timeoutMs);
		afterAll(async () => {
			await fleet?.close();
			await comfyui?.close();
			await server?.drop();
		}, timeoutMs);
		const clientOf = (nth: number, key = fleet.key) => createClient({ baseUrl: fleet.urls[nth % 2] ?? "", apiKey: key });

		/** Asks one API until it has accepted, and follows the job at the other one to its end: cut streams are taken up again. */
		async function play(nth: number): Promise<Job> {
			const key = `fleet-${nth}`;
			const request = { prompt: `a red apple, ${key}`, ...small };
			let job: Job | null = null;
			await until(async () => {
				job = await clientOf(nth)
					.generations.create(request, { idempotencyKey: key })
					.catch((error: { status?: number; code?: string }) => {
						if (error.status !== undefined && error.status < 500 && !["idempotency_in_flight", "rate_limited"].includes(error.code ?? ""))
							throw error;
						return null;
					});
				return job !== null;
			});
			const { id } = job as unknown as Job;
			accepted.set(key, id);
			const seen: string[] = [];
			for await (const event of clientOf(nth + 1).jobs.events(id, { maxEmptyConnections: 1_000 }))
				if (event.seq !== null) seen.push(event.type);
			expect(seen[0]).toBe("job.created");
			expect(seen.at(-1)).toBe("job.succeeded");
			let ended: Job | null = null;
			await until(async () => {
				ended = await clientOf(nth)
					.jobs.get(id)
					.catch(() => null);
				return ended !== null;
			});
			return ended as unknown as Job;
		}

		test("migrate an empty database once, though all start at the same time", { timeout: timeoutMs }, async () => {
			const files = (await readdir(new URL("../../migrations/", import.meta.url))).filter((file) => file.endsWith(".sql"));
			const rows = await fleet.database.query<{ name: string }>(sql`select name from migrations order by name`);
			expect(rows.map((row) => row.name)).toEqual(files.toSorted());
			await until(async () => (await liveWorkers(fleet.database)).length === 3);
			expect(await liveWorkers(fleet.database)).toEqual(["built-in", "built-in", "elsewhere"]);
		});

		test("tell events of a job to the clients of either API, and all three work", { timeout: timeoutMs }, async () => {
			const count = 12;
			await Promise.all(Array.from({ length: count }, (_, nth) => play(nth)));
			const workers = await fleet.database.query<{ id: string }>(
				sql`select distinct worker_id as id from tasks where kind = 'generate' and status = 'done'`,
			);
			expect(workers.length).toBeGreaterThanOrEqual(2);
		});

		test("drive an engine from one process only", { timeout: timeoutMs }, async () => {
			const owner = caller(fleet.urls[0], fleet.ownerKey);
			expect((await owner("POST", "/api/v1/engines", { body: { url: comfyui.url } })).status).toBe(201);
			const drawn = await Promise.all(
				[0, 1, 2, 3].map(async (nth) => {
					const client = clientOf(nth, fleet.ownerKey);
					const request = { prompt: "a red cube", model: "sdxl", upscale: false, restore_faces: false };
					let job: Job | null = null;
					// Until the engine is taken up, its model is not at hand.
					await until(async () => {
						job = await client.generations.create(request).catch(() => null);
						return job !== null;
					});
					return client.jobs.wait((job as unknown as Job).id);
				}),
			);
			expect(drawn.map((job) => job.status)).toEqual(Array(4).fill("succeeded"));
			expect(comfyui.openSockets()).toBe(1);
		});

		test("lose nothing and charge nothing twice, whoever is killed and whenever", { timeout: timeoutMs }, async () => {
			console.log(`GLASSWORKS_KILL_SEED=${seed}`);
			const random = randomFrom(seed);
			const kills: string[] = [];
			let nth = 100;
			for (let round = 0; round < rounds; round++) {
				// A step is given up after five lost workers: no job meets every kill.
				const playing = Array.from({ length: jobsPerRound }, () => play(nth++));
				const followed = Promise.all(playing);
				// It is looked at below; until then nobody must take its failure for unhandled.
				followed.catch(() => {});
				await sleep(random() * 3_000);
				const victim = members[round < 2 ? ([0, 2][round % 2] ?? 0) : Math.floor(random() * members.length)] ?? "api-1";
				await fleet.kill(victim);
				kills.push(victim);
				await sleep(random() * 2_000);
				fleet.start(victim);
				expect((await followed).map((job) => job.status)).toEqual(Array(jobsPerRound).fill("succeeded"));
				expect(comfyui.openSockets()).toBeLessThanOrEqual(1);
			}
			await Promise.all(fleet.urls.map(untilReady));
			console.log(`${name}: killed ${kills.join(", ")}`);
			const { database, tenantId, creditMicroUsd, dataDir } = fleet;
			const promised = { tenantId, creditMicroUsd, priceMicroUsd: pictureMicroUsd, accepted, blobsDir: path.join(dataDir, "blobs") };
			expect(await findBrokenPromises(database, promised)).toEqual([]);
			const counted = await caller(fleet.urls[1], fleet.key)("GET", "/api/v1/usage");
			expect(JSON.parse(counted.text).total).toMatchObject({ pictures: accepted.size, charged_micro_usd: accepted.size * pictureMicroUsd });
		});
	});
