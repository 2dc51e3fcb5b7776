// `npm run bench:authentication [-- --seconds 10] [-- --lanes 32] [-- --keys 50]`: authenticated reads per second. GET /api/v1/session, which
// reads nothing but who asks, of the real HTTP side on PostgreSQL, from a process of its own over kept connections. Twice in one run, by
// turns: with lookups shared by those who ask together, as it ships, and with a query for each request. Server, load and PostgreSQL share
// this machine.
import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { parseArgs } from "node:util";
import { operatorConfig, type Scope } from "../../server/src/domain/plans/operatorConfig.ts";
import { createMetrics } from "../../server/src/http/metrics.ts";
import { defaultHttpLimits, type HttpPorts } from "../../server/src/http/ports.ts";
import { createHttpServer } from "../../server/src/http/server.ts";
import { createMemoryRateLimiter } from "../../server/src/limits/rateLimiter.ts";
import { newId } from "../../server/src/newId.ts";
import type { Stores } from "../../server/src/store/openStores.ts";
import { createPrincipalReader } from "../../server/src/store/postgres/principals.ts";
import type { shareReads } from "../../server/src/store/postgres/shareReads.ts";
import { glassworks as unhurried } from "../../server/test/support/unhurried.config.ts";
import { openBenchStores } from "../support/benchStores.ts";
import { describeMachine } from "../support/machine.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { median, percentile, round } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { type Later, withCleanUp } from "../support/withCleanUp.ts";
import type { Load, Measured } from "./load.ts";

const { values: options } = parseArgs({
	options: {
		seconds: { type: "string", default: "10" },
		lanes: { type: "string", default: "32" },
		keys: { type: "string", default: "50" },
	},
});
const goalPerSecond = 1_000;
const rounds = 3;

const alone: typeof shareReads = (read) => async (key) => (await read([key])).get(key) ?? null;

async function serve(stores: Stores, accounts: Stores["accounts"], later: Later): Promise<string> {
	const ports: Partial<HttpPorts> = {
		...{ ...stores, accounts, metrics: createMetrics(), newId, localToken: null, webDir: null, dialects: [], log: false },
		...{ signingKey: new Uint8Array(32), limiter: createMemoryRateLimiter(), operator: operatorConfig.parse(unhurried) },
		config: {
			...{ publicUrl: () => "http://127.0.0.1", version: "0", proxies: 0, limits: defaultHttpLimits },
			...{ liveForMs: 30_000, leaseMs: 30_000, heartbeatMs: 10_000 },
		},
	};
	const server = await createHttpServer(ports as HttpPorts);
	later(() => server.close());
	return server.listen({ host: "127.0.0.1", port: 0 });
}

/** Keys of as many accounts. */
async function makeKeys({ accounts }: Stores, count: number): Promise<string[]> {
	const scopes: Scope[] = ["read"];
	return Promise.all(
		Array.from({ length: count }, async () => {
			const tenantId = newId("ten");
			await accounts.createTenant({ id: tenantId, name: tenantId, plan: "starter", postpaid: false });
			const secret = `gw_${randomBytes(32).toString("base64url")}`;
			const secretHash = createHash("sha256").update(secret).digest("hex");
			await accounts.createKey({ id: newId("key"), tenantId, name: "bench", prefix: "gw_", scopes, expiresAt: null, secretHash });
			return secret;
		}),
	);
}

function measure(load: Load): Promise<Measured> {
	const child = fork(path.join(import.meta.dirname, "load.ts"));
	return new Promise((resolve, reject) => {
		child.once("message", (measured) => resolve(measured as Measured));
		child.once("exit", (code) => reject(new Error(`the load ended with ${code}`)));
		child.send(load);
	});
}

await withCleanUp(async (later) => {
	const postgres = await openServer.postgres();
	later(() => postgres.close());
	for (const line of await describeMachine({ postgresUrl: postgres.url, redisUrl: null })) console.log(line);
	const made = await createDatabase(postgres.url);
	later(() => made.drop());
	const { database, stores } = await openBenchStores({ databaseUrl: made.url, dataDir: "" }, ["gpu"]);
	later(() => database.close());
	const keys = await makeKeys(stores, Number(options.keys));
	const servers = {
		shared: await serve(stores, stores.accounts, later),
		"one query each": await serve(stores, { ...stores.accounts, ...createPrincipalReader(database, alone) }, later),
	};
	console.log(`${options.lanes} requests at a time with ${options.keys} keys, ${rounds} rounds of ${options.seconds} s each, by turns\n`);
	const results = new Map<string, Measured[]>();
	for (let turn = 0; turn < rounds; turn++)
		for (const [name, url] of Object.entries(servers)) {
			const load = { url: `${url}/api/v1/session`, keys, lanes: Number(options.lanes), ms: Number(options.seconds) * 1_000 };
			results.set(name, [...(results.get(name) ?? []), await measure(load)]);
		}
	printTable([
		["lookups", "reads/s", "p50 ms", "p99 ms", "failed", `goal ${goalPerSecond}/s`],
		...[...results].map(([name, all]) => {
			const latencies = all.flatMap(({ sampleMs }) => sampleMs);
			const perSecond = median(all.map((each) => each.perSecond));
			const cells = [perSecond, percentile(latencies, 0.5), percentile(latencies, 0.99), all.reduce((sum, each) => sum + each.failed, 0)];
			return [name, ...cells.map(round), perSecond >= goalPerSecond ? "met" : "MISSED"];
		}),
	]);
});
process.exit(0);
