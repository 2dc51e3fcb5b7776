import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "../../src/newId.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { type Database, sql } from "../../src/store/sql.ts";
import { caller } from "../http/call.ts";
import { createPayingTenant, pricedServer } from "../kill/killRounds.ts";
import { type ServerProcess, startCommand } from "../kill/serverProcess.ts";

/** Two APIs, two workers that share the database and one that calls in over HTTP: each a process of its own, always at the same address. */
export const members = ["api-1", "api-2", "worker-1", "worker-2", "remote"] as const;
export type Member = (typeof members)[number];

export interface Fleet {
	dataDir: string;
	urls: [string, string];
	ownerKey: string;
	tenantId: string;
	/** The paying tenant's. */
	key: string;
	creditMicroUsd: number;
	database: Database;
	start(member: Member): void;
	kill(member: Member): Promise<void>;
	/** Ends everybody in order and cleans up. */
	close(): Promise<void>;
}

const log = { info() {}, warn() {}, error() {} };

/** Starts all of them at once on an empty database. The remote worker follows as soon as there is a token for it. */
export async function startFleet(databaseUrl: string, redisUrl: string | null): Promise<Fleet> {
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-fleet-"));
	const shared = await pricedServer(dataDir);
	const ports = [await freePort(), await freePort()] as const;
	const urls: [string, string] = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`];
	const variables = { ...shared, DATABASE_URL: databaseUrl, ...(redisUrl ? { REDIS_URL: redisUrl } : {}) };
	const running = new Map<Member, ServerProcess>();
	let token = "";
	const commands: Record<Member, () => ServerProcess> = {
		"api-1": () => startCommand(["serve", "--services=api"], { ...variables, GLASSWORKS_PORT: String(ports[0]) }),
		"api-2": () => startCommand(["serve", "--services=api"], { ...variables, GLASSWORKS_PORT: String(ports[1]) }),
		"worker-1": () => startCommand(["serve", "--services=worker"], variables),
		"worker-2": () => startCommand(["serve", "--services=worker"], variables),
		// Each pool has its own slots: one worker among three that takes from both.
		remote: () => startCommand(["worker", "--server", urls[0]], { GLASSWORKS_DATA: dataDir, GLASSWORKS_WORKER_TOKEN: token }),
	};
	const start = (member: Member) => void (running.has(member) || running.set(member, commands[member]()));
	for (const member of members) if (member !== "remote") start(member);
	const ownerKey = shared.GLASSWORKS_OWNER_KEY ?? "";
	const tenant = { tenantId: newId("ten"), key: `gw_${randomBytes(32).toString("base64url")}`, creditMicroUsd: 1_000_000_000 };
	const close = async () => {
		await Promise.all([...running.values()].map((process) => process.end("SIGTERM").catch(() => {})));
		await rm(dataDir, { recursive: true, force: true });
	};
	try {
		await Promise.all(urls.map(untilReady));
		const database = await openDatabase({ databaseUrl, dataDir, log });
		await createPayingTenant(database, tenant);
		const owner = caller(urls[0], ownerKey);
		token = (await owner("POST", "/api/v1/workers", { body: { name: "elsewhere", pools: ["gpu", "enhance"] } })).body.token;
		start("remote");
		return {
			...{ dataDir, urls, ownerKey, ...tenant, database, start },
			async kill(member) {
				await running.get(member)?.end("SIGKILL");
				running.delete(member);
			},
			async close() {
				await close();
				await database.close();
			},
		};
	} catch (error) {
		await close();
		throw error;
	}
}

export async function until(isTrue: () => Promise<boolean>, patienceMs = 240_000): Promise<void> {
	const deadline = Date.now() + patienceMs;
	while (!(await isTrue())) {
		if (Date.now() > deadline) throw new Error(`not so within ${patienceMs / 1_000} s`);
		await sleep(100);
	}
}

export const untilReady = (url: string): Promise<void> =>
	until(() =>
		fetch(`${url}/readyz`).then(
			(response) => response.ok,
			() => false,
		),
	);

/** Names of workers of these databases that were seen within the last seconds. */
export async function liveWorkers(database: Database): Promise<string[]> {
	const rows = await database.query<{ name: string }>(
		sql`select name from workers where last_seen_at > clock_timestamp() - interval '5 seconds' order by name`,
	);
	return rows.map((row) => row.name);
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
	const server = net.createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as net.AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
