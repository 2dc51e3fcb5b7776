import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { glassworks } from "../../../glassworks.config.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openDatabase } from "../../src/store/openDatabase.ts";
import { openStores } from "../../src/store/openStores.ts";
import { type Database, sql } from "../../src/store/sql.ts";
import { findBrokenPromises } from "./findBrokenPromises.ts";
import { type ServerProcess, startServer } from "./serverProcess.ts";

export interface KillPlan {
	/** Null: the embedded database, where one process does everything. Otherwise the API and the worker are processes of their own. */
	databaseUrl: string | null;
	rounds: number;
	jobsPerRound: number;
	/** Decides who is killed and when. */
	seed: number;
}

export interface KillOutcome {
	/** What is not as promised, one line each. */
	problems: string[];
	jobs: number;
	/** Kills by `what --services named, when`. */
	kills: Record<string, number>;
	/** Steps that needed a second attempt: how often a kill met running work. */
	repeatedSteps: number;
	/** Requests that were sent again because their answer was lost or refused for the moment. */
	repeatedRequests: number;
}

const leaseMs = 2_000;
const generatePriceMicroUsd = 30_000;
const encodePriceMicroUsd = 1_000;
/** What one picture costs there. */
export const pictureMicroUsd = generatePriceMicroUsd + encodePriceMicroUsd;
const patienceMs = 120_000;
const log = { info() {}, warn() {}, error() {} };

interface Scene {
	plan: KillPlan;
	dataDir: string;
	variables: Record<string, string>;
	tenantId: string;
	key: string;
	creditMicroUsd: number;
	random: () => number;
	/** Whether the last kill met a process that did not serve yet. */
	wasKilledStarting: boolean;
	/** Running processes by their --services. */
	running: Map<string, ServerProcess>;
	/** Job id by Idempotency-Key. */
	accepted: Map<string, string>;
	kills: Record<string, number>;
	repeatedRequests: number;
}

/** Submits jobs to real servers, kills these with SIGKILL at random moments, starts them again, and looks at what is left at the end. */
export async function runKillRounds(plan: KillPlan): Promise<KillOutcome> {
	const scene = await setUp(plan);
	try {
		const keys = Array.from({ length: plan.rounds * plan.jobsPerRound }, (_, index) => `kill-${index}`);
		for (let round = 0; round < plan.rounds; round++) await playRound(scene, round, keys.slice(0, (round + 1) * plan.jobsPerRound));
		const url = await startMissing(scene);
		while (scene.accepted.size < keys.length) await submit(scene, url, keys);
		await waitForAll(scene, url, keys);
		for (const server of scene.running.values()) await server.end("SIGTERM");
		scene.running.clear();
		return await judge(scene);
	} finally {
		for (const server of scene.running.values()) await server.end("SIGKILL").catch(() => {});
		await rm(scene.dataDir, { recursive: true, force: true });
	}
}

async function setUp(plan: KillPlan): Promise<Scene> {
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-kill-"));
	const creditMicroUsd = 1_000_000_000;
	const scene: Scene = {
		plan,
		dataDir,
		variables: {
			...(await pricedServer(dataDir)),
			...(plan.databaseUrl ? { DATABASE_URL: plan.databaseUrl } : {}),
		},
		tenantId: newId("ten"),
		key: `gw_${randomBytes(32).toString("base64url")}`,
		creditMicroUsd,
		random: randomFrom(plan.seed),
		wasKilledStarting: false,
		running: new Map(),
		accepted: new Map(),
		kills: {},
		repeatedRequests: 0,
	};
	await withDatabase(scene, (database) => createPayingTenant(database, scene));
	return scene;
}

/** The configuration of servers at which every picture is paid for, with short leases. */
export async function pricedServer(dataDir: string): Promise<Record<string, string>> {
	const priced = {
		...glassworks,
		// Nothing is included, and nobody is held back.
		plans: { ...glassworks.plans, pro: { ...glassworks.plans.pro, rate: null, requestRate: null, quotas: { image: 0, inpainting: 0 } } },
		models: glassworks.models.map((model) => ({ ...model, priceMicroUsd: generatePriceMicroUsd })),
		steps: { ...glassworks.steps, encode: { ...glassworks.steps.encode, priceMicroUsd: encodePriceMicroUsd } },
	};
	const operatorFile = path.join(dataDir, "operator.mjs");
	await writeFile(operatorFile, `export const glassworks = ${JSON.stringify(priced)};\n`);
	return {
		GLASSWORKS_DATA: dataDir,
		GLASSWORKS_PORT: "0",
		GLASSWORKS_CONFIG: operatorFile,
		GLASSWORKS_OWNER_KEY: `gw_${randomBytes(32).toString("base64url")}`,
		GLASSWORKS_LOG_LEVEL: "warn",
		GLASSWORKS_LEASE_MS: String(leaseMs),
		GLASSWORKS_HEARTBEAT_MS: "500",
	};
}

export async function createPayingTenant(
	database: Database,
	{ tenantId, key, creditMicroUsd }: Pick<Scene, "tenantId" | "key" | "creditMicroUsd">,
): Promise<void> {
	await migrate(database);
	const options = { workflows: shippedWorkflows, leaseMs, liveForMs: leaseMs, pools: Object.keys(glassworks.pools) };
	const { accounts } = await openStores(database, options);
	await accounts.createTenant({ id: tenantId, name: "Killed", plan: "pro", postpaid: false });
	const secretHash = createHash("sha256").update(key).digest("hex");
	const prefix = key.slice(0, 7);
	await accounts.createKey({ id: newId("key"), tenantId, name: "test", prefix, scopes: ["read", "generate"], expiresAt: null, secretHash });
	await accounts.addCredit(tenantId, creditMicroUsd, "test");
}

/** One kill: while the victim starts, while jobs come in, or while steps run. The first two rounds are chosen, so that the shortest run has both. */
async function playRound(scene: Scene, round: number, keys: string[]): Promise<void> {
	const services = servicesOf(scene.plan);
	const victim = services[round < 2 ? round % services.length : Math.floor(scene.random() * services.length)] ?? "api,worker";
	const moment = round < 2 ? round : scene.random() * 2 - 0.3;
	const isStarting = !scene.running.has(victim) && !scene.wasKilledStarting;
	scene.wasKilledStarting = isStarting && moment < 0;
	const starting = startMissing(scene);
	// Whoever is killed before it serves has no address, and nobody waits for it.
	starting.catch(() => {});
	if (scene.wasKilledStarting) {
		await sleep(scene.random() * 2_500);
		await kill(scene, victim, "while it starts");
		return;
	}
	const url = await starting;
	// A step is given up after five lost workers, and the oldest step is always the first to run: no job may meet every kill.
	await waitForAll(scene, url, keys.slice(0, -2 * scene.plan.jobsPerRound));
	const submitting = submit(scene, url, keys);
	if (moment >= 1) {
		await submitting;
		await waitForWork(scene, url);
	}
	await sleep(scene.random() * 600);
	await kill(scene, victim, moment >= 1 ? "while steps run" : "while jobs come in");
	await submitting;
}

async function kill(scene: Scene, victim: string, moment: string): Promise<void> {
	await scene.running.get(victim)?.end("SIGKILL");
	scene.running.delete(victim);
	const name = `${victim} ${moment}`;
	scene.kills[name] = (scene.kills[name] ?? 0) + 1;
	// A key whose request was being answered stays reserved for a minute. The process is dead: let that minute be over.
	if (victim.includes("api"))
		await withDatabase(scene, async (database) => {
			await database.query(sql`update idempotency_keys set locked_until = now() where status is null`);
		});
}

/** Starts what does not run. The address of the API, once it serves. */
async function startMissing({ plan, running, variables }: Scene): Promise<string> {
	for (const service of servicesOf(plan)) if (!running.has(service)) running.set(service, startServer(service, variables));
	const api = running.get(servicesOf(plan)[0]);
	if (!api) throw new Error("no API was started");
	return api.url;
}

const servicesOf = ({ databaseUrl }: KillPlan): [string, ...string[]] => (databaseUrl ? ["api", "worker"] : ["api,worker"]);

/** Sends every request that has no answer yet, four at a time. Those that stay unanswered are sent again in the next round. */
async function submit(scene: Scene, url: string, keys: string[]): Promise<void> {
	const waiting = keys.filter((key) => !scene.accepted.has(key));
	const sendNext = async () => {
		for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
			const id = await send(scene, url, key);
			if (id) scene.accepted.set(key, id);
			else scene.repeatedRequests++;
		}
	};
	await Promise.all([sendNext(), sendNext(), sendNext(), sendNext()]);
}

async function send({ key }: Scene, url: string, idempotencyKey: string): Promise<string | null> {
	const body = { prompt: `a red apple, ${idempotencyKey}`, steps: 1, width: 64, height: 64, upscale: false, restore_faces: false };
	const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "idempotency-key": idempotencyKey };
	const answer = await fetch(`${url}/api/v1/generations`, { method: "POST", headers, body: JSON.stringify(body) })
		.then(async (response) => ({ status: response.status, text: await response.text() }))
		.catch(() => null);
	if (answer?.status === 202) return (JSON.parse(answer.text) as { id: string }).id;
	if (answer === null || answer.status === 503 || answer.text.includes("idempotency_in_flight")) return null;
	throw new Error(`a job was refused: ${answer.status} ${answer.text}`);
}

/** Until one step runs, or nothing is left to run. */
async function waitForWork(scene: Scene, url: string): Promise<void> {
	const open = new Set(scene.accepted.values());
	await until(async () => {
		for (const id of open) {
			const status = await statusOf(scene, url, id);
			if (status === "running") return true;
			if (status !== "queued") open.delete(id);
		}
		return open.size === 0;
	});
}

/** Until all of these that were accepted have ended. */
async function waitForAll(scene: Scene, url: string, keys: string[]): Promise<void> {
	const open = new Set(keys.flatMap((key) => scene.accepted.get(key) ?? []));
	await until(async () => {
		for (const id of open) {
			if (["queued", "running"].includes(await statusOf(scene, url, id))) return false;
			open.delete(id);
		}
		return true;
	});
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + patienceMs;
	while (!(await isTrue())) {
		if (Date.now() > deadline) throw new Error(`jobs stood still for ${patienceMs / 1_000} s`);
		await sleep(50);
	}
}

async function statusOf({ key }: Scene, url: string, id: string): Promise<string> {
	const response = await fetch(`${url}/api/v1/jobs/${id}`, { headers: { authorization: `Bearer ${key}` } });
	if (!response.ok) throw new Error(`${id} cannot be read: ${response.status}`);
	return ((await response.json()) as { status: string }).status;
}

async function judge(scene: Scene): Promise<KillOutcome> {
	const { tenantId, creditMicroUsd, accepted, kills, repeatedRequests, dataDir } = scene;
	const priceMicroUsd = pictureMicroUsd;
	const blobsDir = path.join(dataDir, "blobs");
	return withDatabase(scene, async (database) => {
		const problems = await findBrokenPromises(database, { tenantId, creditMicroUsd, priceMicroUsd, accepted, blobsDir });
		const [row] = await database.query<{ repeated: number }>(sql`select count(*) as repeated from tasks where attempt > 1`);
		return { problems, jobs: accepted.size, kills, repeatedSteps: row?.repeated ?? 0, repeatedRequests };
	});
}

async function withDatabase<T>({ plan, dataDir }: Scene, work: (database: Database) => Promise<T>): Promise<T> {
	const database = await openDatabase({ databaseUrl: plan.databaseUrl, dataDir, log });
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}

/** Uniform in 0 to 1, the same row for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
