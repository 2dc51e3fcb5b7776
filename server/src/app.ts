import { createHash, randomBytes, randomInt } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunningApp, StartOptions } from "./cli/deps.ts";
import { createLog } from "./cli/log.ts";
import type { Config } from "./config.ts";
import { everyDialect } from "./dialects/everyDialect.ts";
import { feedBatches } from "./domain/batches/feedBatches.ts";
import { announce } from "./domain/jobs/announce.ts";
import { createDispatcher, type Dispatcher } from "./domain/jobs/dispatcher.ts";
import { deleteAccounts, deletionTopic } from "./domain/people/accountDeletion.ts";
import { tellOwners } from "./domain/people/tellOwners.ts";
import type { AccountStore } from "./domain/plans/accountStore.ts";
import { type OperatorConfig, type Principal, registryOf, scopes } from "./domain/plans/operatorConfig.ts";
import type { RateLimiter } from "./domain/plans/rateLimiter.ts";
import type { BlobStore, Bus, Engine, Log, Mailer, PictureGate } from "./domain/ports.ts";
import { takesWork } from "./domain/status/serviceWatch.ts";
import { createSweeper, type Sweeper } from "./domain/storage/sweepStorage.ts";
import { shippedWorkflows } from "./domain/workflows/picture.ts";
import { createEngineDesk } from "./engineDesk.ts";
import { createLocalEngine } from "./engines/local/engine.ts";
import { createMailEngine } from "./engines/mail/engine.ts";
import { createUrlFetcher } from "./fetching/fetchGuarded.ts";
import { createWebhookSender } from "./fetching/webhookSender.ts";
import { countingClaims, createMetrics, type Metrics } from "./http/metrics.ts";
import { defaultHttpLimits, type HttpPorts } from "./http/ports.ts";
import type { ListedRoute } from "./http/routeList.ts";
import { createHttpServer } from "./http/server.ts";
import { createMemoryRateLimiter, createRedisRateLimiter } from "./limits/rateLimiter.ts";
import { createSharedRateLimiter } from "./limits/sharedRateLimiter.ts";
import { loadOperatorConfig } from "./loadOperatorConfig.ts";
import { createMailer } from "./mail/mailer.ts";
import { newId } from "./newId.ts";
import { openEngine } from "./openEngine.ts";
import { createIdentity } from "./people/identity.ts";
import { createPictureGate } from "./pictures/gate.ts";
import { linkOrigin } from "./s3Config.ts";
import { startResultMails } from "./sendResultMails.ts";
import { startWebhooks } from "./startWebhooks.ts";
import { createAnnouncedBlobs } from "./store/blobs/announcedBlobs.ts";
import { createFsBlobs } from "./store/blobs/fsBlobs.ts";
import { createS3Blobs } from "./store/blobs/s3Blobs.ts";
import { createMemoryBus } from "./store/bus/memoryBus.ts";
import { createPostgresBus } from "./store/bus/postgresBus.ts";
import { createRedisBus } from "./store/bus/redisBus.ts";
import { migrate } from "./store/migrate.ts";
import { openDatabase } from "./store/openDatabase.ts";
import { openStores, type Stores } from "./store/openStores.ts";
import { poolOver, type SqlPool } from "./store/poolOver.ts";
import { newWebhookSecret } from "./webhooks/signMessage.ts";
import { startChore } from "./worker/chore.ts";
import { hostEngines } from "./worker/hostEngines.ts";
import { createLocalSource, type LocalSource } from "./worker/localSource.ts";
import { startWorker } from "./worker/loop.ts";

const webDist = fileURLToPath(new URL("../../web/dist", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
/** Whoever stores a picture refers to it within this time, or has died. */
const hourMs = 3_600_000;
const sweepEveryMs = 30_000;
/** How long running steps may finish when the server is told to stop. */
const graceMs = 20_000;

const randomSeed = (): number => randomInt(2 ** 32);

/** What is open in this process, and how to close it, last opened first. */
interface Platform {
	config: Config;
	operator: OperatorConfig;
	log: Log;
	stores: Stores;
	identityPool: SqlPool;
	blobs: BlobStore;
	sweeper: Sweeper;
	bus: Bus;
	pictures: PictureGate;
	mailer: Mailer;
	dispatcher: Dispatcher;
	metrics: Metrics;
	liveForMs: number;
	closers: (() => Promise<void>)[];
}

/** What tests see of the platform beyond what commands do. */
interface StartedApp extends RunningApp {
	accounts: AccountStore;
	/** Every route it serves. */
	routes: readonly ListedRoute[];
}

/** Starts the platform: store, API and worker as asked. @throws {GlassworksError} unavailable, when the data folder is another process's */
export async function startApp(config: Config, options: StartOptions): Promise<StartedApp> {
	const log = createLog(options.quiet && config.logLevel !== "silent" ? "warn" : config.logLevel);
	const platform = await openPlatform(config, log);
	const close = () => closeAll(platform.closers);
	try {
		const ownerKey = await ensureOwner(platform.stores, config);
		const localToken = `gwl_${randomBytes(32).toString("base64url")}`;
		startChores(platform);
		if (options.services.includes("worker")) {
			await startLocalWorker(platform);
			driveEngines(platform);
		}
		const { url, routes } = options.services.includes("api") ? await listen(platform, localToken, options) : { url: "", routes: [] };
		return { url, routes, localToken, ownerKey, accounts: platform.stores.accounts, close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** Opens and migrates the store without serving. */
export async function openPorts(config: Config): Promise<{ close(): Promise<void> }> {
	const database = await openDatabase({ ...config, log: createLog(config.logLevel) });
	try {
		await migrate(database);
	} finally {
		await database.close();
	}
	return { close: async () => {} };
}

async function openPlatform(config: Config, log: Log): Promise<Platform> {
	const operator = await loadOperatorConfig(config.operatorConfigFile);
	const closers: (() => Promise<void>)[] = [];
	try {
		const database = await openDatabase({ ...config, log });
		closers.push(() => database.close());
		await migrate(database);
		const liveForMs = Math.max(config.leaseMs, 3 * config.heartbeatMs);
		const stores = await openStores(database, {
			workflows: shippedWorkflows,
			leaseMs: config.leaseMs,
			liveForMs,
			pools: Object.keys(operator.pools),
			terms: operator.plans,
			placement: { maxPassOverMs: operator.maxPassOverMs },
			loadMs: (model) => operator.models.find((entry) => entry.name === model)?.loadMs ?? 15_000,
			// A dedicated pool is not of the operator's file: it sheds nothing and is not costed.
			shedAfterMs: (pool) => operator.pools[pool]?.shedAfterMs ?? null,
			costMicroUsdPerHour: (pool) => operator.pools[pool]?.costMicroUsdPerHour ?? 0,
		});
		// Nobody else can be on an embedded folder: workers of an earlier life are dead, and what they ran goes back in line now.
		if (!config.databaseUrl) await stores.forgetEarlierLife();
		const kept = config.s3 ? createS3Blobs(config.s3) : createFsBlobs(path.join(config.dataDir, "blobs"));
		closers.push(() => kept.close());
		const youngMs = Math.max(hourMs, 2 * config.leaseMs);
		const blobs = createAnnouncedBlobs(kept, stores.blobIndex, youngMs);
		const sweeper = createSweeper({ index: stores.blobIndex, pictures: stores.stored, blobs: kept, log }, youngMs);
		const bus = await openBus(config, log);
		closers.push(() => bus.close());
		const pictures = createPictureGate({ log });
		closers.push(() => pictures.close());
		const mailer = createMailer({ smtpUrl: config.smtpUrl, ...senderOf(operator), log });
		closers.push(() => mailer.close());
		const metrics = createMetrics();
		const jobs = countingClaims(stores.jobs, metrics);
		const dispatcher = createDispatcher({ ...stores, jobs, blobs, bus, random: Math.random });
		closers.push(() => stores.lastUse.write().catch(() => {}));
		return {
			identityPool: poolOver(database),
			config,
			operator,
			log,
			stores,
			blobs,
			sweeper,
			bus,
			pictures,
			mailer,
			dispatcher,
			metrics,
			liveForMs,
			closers,
		};
	} catch (error) {
		await closeAll(closers);
		throw error;
	}
}

function openBus(config: Config, log: Log): Bus | Promise<Bus> {
	if (config.redisUrl) return createRedisBus(config.redisUrl, log);
	if (config.databaseUrl) return createPostgresBus({ connectionString: config.databaseUrl }, log);
	return createMemoryBus();
}

async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
	while (closers.length > 0) await closers.pop()?.();
}

/** The owner's account, and its first key. Returns the key when this call made it up: the only time it can be shown. */
async function ensureOwner({ accounts }: Stores, config: Config): Promise<string | null> {
	const { created } = await accounts.ensureOwner();
	const secret = config.ownerKey ?? `gw_${randomBytes(32).toString("base64url")}`;
	if (!created && !config.ownerKey && (await accounts.listKeys("owner", { limit: 1, before: null })).keys.length > 0) return null;
	await accounts.createKey({
		id: newId("key"),
		tenantId: "owner",
		name: "bootstrap",
		prefix: secret.slice(0, 7),
		scopes: [...scopes],
		expiresAt: null,
		secretHash: createHash("sha256").update(secret).digest("hex"),
	});
	return config.ownerKey ? null : secret;
}

/** What the platform does without anybody asking. */
function startChores(platform: Platform): void {
	const { stores, sweeper, operator, liveForMs, bus, log, closers } = platform;
	// Due jobs, lapsed leases, steps nobody can run.
	const run = async () => announce(bus, await stores.jobs.housekeep());
	closers.push(startChore({ name: "housekeeping", everyMs: 1_000, run, log }));
	const dedicatedPools = (tenantId: string) => stores.steering.dedicatedPools(tenantId);
	const feed = { ...stores, ...{ config: operator, liveForMs, bus, dedicatedPools, newId, randomSeed } };
	closers.push(startChore({ name: "batches", everyMs: 1_000, run: () => feedBatches(feed), log }));
	startDeletions(platform);
	let isCounted = false;
	const count = async () => {
		if (!isCounted) isCounted = await stores.usage.countPast();
	};
	closers.push(startChore({ name: "usage of before", everyMs: 1_000, run: count, log }));
	closers.push(startChore({ name: "last use of keys", everyMs: 60_000, run: stores.lastUse.write, log }));
	closers.push(startChore({ name: "ended rate windows", everyMs: 60_000, run: stores.rateWindows.forget, log }));
	closers.push(startChore({ name: "expired sessions", everyMs: 3_600_000, run: stores.members.forgetExpired, log }));
	// Pictures whose time is up, bytes that nothing refers to, results too old to be given again.
	const sweep = async () => void (await Promise.all([sweeper.run(), stores.results.forget()]));
	closers.push(startChore({ name: "storage", everyMs: sweepEveryMs, run: sweep, log }));
}

/** Accounts that are deleted, and mail to who owned them: at once by a hint, and from time to time in case it was lost. */
function startDeletions({ stores, sweeper, mailer, config, bus, log, closers }: Platform): void {
	const onDue = (listener: () => void) => bus.subscribe(deletionTopic, listener);
	const remove = () => deleteAccounts({ ...stores, bus, sweep: () => sweeper.run() });
	closers.push(startChore({ name: "account deletions", everyMs: 30_000, run: remove, onDue, log }));
	const tell = () => tellOwners({ notices: stores.deletionNotices, mailer, publicUrl: config.publicUrl, log });
	closers.push(startChore({ name: "mail about deleted accounts", everyMs: 30_000, run: tell, onDue, log }));
}

async function startLocalWorker(platform: Platform): Promise<void> {
	const { config, operator, log, pictures, closers } = platform;
	const { modelsDir, dataModelsDir } = config;
	const engines: Engine[] = [await createLocalEngine({ modelsDir, dataModelsDir, pictures, log })];
	const { mail } = operator;
	if (mail && config.smtpUrl) engines.push(createMailEngine({ smtpUrl: config.smtpUrl, ...mail }));
	for (const engine of engines) closers.push(() => engine.close());
	const source = workFor(platform, "built-in");
	closers.push(() => source.close());
	const worker = startWorker({ source, engines, slots: 1, log });
	closers.push(() => worker.stop(graceMs));
	await worker.welcomed;
}

/** Work for a worker of this process. */
function workFor({ config, operator, stores, blobs, bus, dispatcher }: Platform, name: string): LocalSource {
	const { leaseMs, heartbeatMs } = config;
	return createLocalSource({
		...{ dispatcher, blobs, bus, name, leaseMs, heartbeatMs },
		workers: stores.workers,
		nodes: stores.nodes,
		workerId: newId("wrk"),
		pools: Object.keys(operator.pools),
		registry: registryOf(operator),
	});
}

function driveEngines(platform: Platform): void {
	const { config, log, stores, closers } = platform;
	const stop = hostEngines({
		...{ log, graceMs },
		engines: stores.engines,
		holder: newId("host"),
		open: (record) => openEngine(record, platform),
		source: (record) => workFor(platform, record.name),
		everyMs: config.heartbeatMs,
	});
	closers.push(stop);
}

async function listen(platform: Platform, localToken: string, options: StartOptions): Promise<Pick<StartedApp, "url" | "routes">> {
	const { config, closers } = platform;
	let url = "";
	const sender = createWebhookSender({ allowPrivateCidrs: [...config.allowedPrivateNetworks] });
	const ports: HttpPorts = { ...(await httpPorts(platform, localToken, () => config.publicUrl ?? url)), webhookSender: sender };
	const server = await createHttpServer(ports);
	closers.push(() => server.close());
	await server.listen({ host: config.host, port: options.port ?? config.port });
	const { port } = server.server.address() as AddressInfo;
	const host = ["0.0.0.0", "::"].includes(config.host) ? "127.0.0.1" : config.host;
	url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
	closers.push(...startWebhooks({ ...platform, ports, sender }), startResultMails({ ...platform, ports }), watchService(platform));
	return { url, routes: server.listedRoutes };
}

/** Keeps the record that GET /status shows. */
function watchService({ stores, log }: Platform): () => Promise<void> {
	const run = async () => stores.serviceWatch.note(takesWork(await stores.queue.snapshot()), new Date());
	return startChore({ name: "status", everyMs: 60_000, run, log });
}

async function httpPorts(platform: Platform, localToken: string, publicUrl: () => string): Promise<Omit<HttpPorts, "webhookSender">> {
	const { config, operator, stores, blobs, sweeper, bus, pictures, mailer, dispatcher, metrics, liveForMs, log } = platform;
	const secret = await stores.secret("people_key", () => randomBytes(32).toString("hex"));
	const { sessionTtlMs } = defaultHttpLimits;
	const localPrincipal: Principal = { tenantId: "owner", plan: "owner", keyId: null, userId: null, scopes };
	const { leaseMs, heartbeatMs } = config;
	return {
		...stores,
		config: {
			publicUrl,
			version,
			proxies: config.proxies,
			liveForMs,
			leaseMs,
			heartbeatMs,
			limits: defaultHttpLimits,
			storageOrigin: linkOrigin(config.s3),
		},
		operator,
		limiter: openLimiter(platform),
		identity: createIdentity({ pool: platform.identityPool, secret, newId, mailer, publicUrl, sessionTtlMs, log }),
		blobs,
		bus,
		pictures,
		urls: createUrlFetcher({ allowPrivateCidrs: [...config.allowedPrivateNetworks] }),
		dispatcher,
		engineDesk: createEngineDesk(operator, (record) => openEngine(record, platform)),
		newId,
		newWebhookSecret,
		randomSeed,
		sendsMail: config.smtpUrl !== null,
		signingKey: Buffer.from(await stores.secret("signing_key", () => randomBytes(32).toString("hex")), "hex"),
		localToken,
		localPrincipal,
		metrics,
		metricsToken: config.metricsToken,
		sweeper,
		ready: () => readiness(stores, blobs),
		dialects: everyDialect,
		webDir: existsSync(path.join(webDist, "index.html")) ? webDist : null,
		log: log as HttpPorts["log"],
	};
}

function senderOf({ brand, mail }: OperatorConfig): { name: string; from: string } {
	return { name: brand.name, from: brand.mailFrom ?? mail?.from ?? `${brand.name.replaceAll(/[^\w .-]/g, " ")} <glassworks@localhost>` };
}

function openLimiter({ config, stores, log, closers }: Platform): RateLimiter {
	const limiter = limiterFor(config, stores, log);
	closers.push(() => limiter.close());
	return limiter;
}

/** An embedded database has one server. */
function limiterFor({ redisUrl, databaseUrl }: Config, { rateWindows }: Stores, log: Log): RateLimiter {
	const limiter = databaseUrl ? createSharedRateLimiter(rateWindows, log) : createMemoryRateLimiter();
	return redisUrl ? createRedisRateLimiter(redisUrl, log, limiter) : limiter;
}

async function readiness(stores: Stores, blobs: BlobStore): Promise<{ ok: boolean; checks: Record<string, string> }> {
	const ask = (answers: Promise<void>, otherwise: string) =>
		answers.then(
			() => "ok",
			() => otherwise,
		);
	const [database, storage] = await Promise.all([ask(stores.ping(), "does not answer"), ask(blobs.check(), "cannot be used")]);
	return { ok: database === "ok" && storage === "ok", checks: { database, storage } };
}
