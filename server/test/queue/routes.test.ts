import { afterAll, beforeAll, expect, test } from "vitest";
import type { QueueBody } from "../../src/contract/queue.ts";
import { sql } from "../../src/store/sql.ts";
import { type Call, caller } from "../http/call.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { metricsToken, type OperatorServer, startOperatorServer } from "./support/operatorServer.ts";
import { type Seed, seedQueue } from "./support/seedQueue.ts";

let stores: TestStores;
let seed: Seed;
let server: OperatorServer;
let operator: Call;
beforeAll(async () => {
	const embedded = storeKinds.find((kind) => kind.name === "embedded");
	if (!embedded) throw new Error("no embedded store");
	stores = await embedded.open([]);
	seed = seedQueue(stores.database);
	server = await startOperatorServer(stores);
	operator = await server.as(await seed.tenant("owner"), "read", "generate", "operate");
});
afterAll(async () => {
	await server?.close();
	await stores?.close();
});
/** What a test expects of a body that the shared type of answers does not know. */
const bodyOf = (answer: { text: string }) => JSON.parse(answer.text);

test("everybody sees the queue without a key, and a page may keep it for a second", async () => {
	await seed.pool("seen");
	await seed.job({ tenantId: await seed.tenant(), pool: "seen", pictures: 3 });
	const answer = await server.anybody("GET", "/api/v1/queue");
	expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "public, max-age=1"]);
	const body: QueueBody = bodyOf(answer);
	expect(body.pools.find((pool) => pool.pool === "seen")).toMatchObject({
		...{ ready: 3, running: 0, workers: 0, dedicated: false, base: "seen" },
		models: [{ model: "one", ready: 3, capable_workers: 0 }],
		plans: [{ plan: "starter", ready: 3 }],
		wanted_workers: { reasoning: expect.arrayContaining([expect.stringContaining("Load:")]) },
		warnings: [{ code: "no_workers" }],
	});
	expect(answer.text).not.toContain("secret");
});

test("none of the operator's switches works for a tenant, and to-front works for nobody else", async () => {
	await seed.pool("guarded");
	const [mine, theirs] = [await seed.tenant(), await seed.tenant()];
	const jobId = await seed.job({ tenantId: mine, pool: "guarded" });
	const worker = await seed.worker(["guarded"], ["generate:one"]);
	const tenant = await server.as(mine, "read", "generate");
	const routes: [string, string, unknown?][] = [
		["GET", "/pools"],
		["POST", "/pools", { base: "guarded", tenant: mine }],
		["POST", "/pools/guarded/pause"],
		["POST", "/pools/guarded/resume"],
		["DELETE", "/pools/guarded"],
		["POST", `/workers/${worker}/pause`],
		["POST", `/workers/${worker}/resume`],
		["POST", `/workers/${worker}/drain`],
		["POST", `/jobs/${jobId}/requeue`],
		["POST", `/tenants/${mine}/plan`, { plan: "pro" }],
	];
	for (const [method, path, body] of routes) {
		const options = body === undefined ? {} : { body };
		expect([path, (await tenant(method, `/api/v1${path}`, options)).status]).toEqual([path, 403]);
		expect([path, (await server.anybody(method, `/api/v1${path}`, options)).status]).toEqual([path, 401]);
	}
	const toFront = `/api/v1/jobs/${jobId}/to-front`;
	expect((await (await server.as(mine, "read"))("POST", toFront)).status).toBe(403);
	expect((await (await server.as(theirs, "read", "generate"))("POST", toFront)).status).toBe(404);
	expect((await server.anybody("POST", toFront)).status).toBe(401);
	expect((await stores.database.query(sql`select paused from pools where id = 'guarded'`))[0]).toEqual({ paused: false });
});

test("the operator pauses and resumes pools and workers", async () => {
	await seed.pool("turned");
	const worker = await seed.worker(["turned"], ["generate:one"]);
	expect(bodyOf(await operator("POST", "/api/v1/pools/turned/pause"))).toEqual({ id: "turned", paused: true, dedicated: null });
	expect(bodyOf(await operator("POST", "/api/v1/pools/turned/resume"))).toMatchObject({ paused: false });
	expect((await operator("POST", "/api/v1/pools/none/pause")).status).toBe(404);
	for (const [order, state] of [
		["pause", "paused"],
		["resume", "idle"],
		["drain", "drained"],
	])
		expect(bodyOf(await operator("POST", `/api/v1/workers/${worker}/${order}`))).toMatchObject({ id: worker, state, running: 0 });
	expect(bodyOf(await operator("GET", "/api/v1/workers")).data).toContainEqual(expect.objectContaining({ id: worker, state: "drained" }));
	expect((await operator("POST", "/api/v1/workers/none/drain")).status).toBe(404);
});

test("a dedicated pool is made, joined by a worker, refused while steps wait in it, and released", async () => {
	await seed.pool("base");
	const tenantId = await seed.tenant();
	const made = await operator("POST", "/api/v1/pools", { body: { base: "base", tenant: tenantId, name: "theirs" } });
	expect([made.status, bodyOf(made)]).toEqual([201, { id: "theirs", paused: false, dedicated: { tenant: tenantId, base: "base" } }]);
	expect((await operator("POST", "/api/v1/workers", { body: { name: "rig", pools: ["theirs"] } })).status).toBe(201);
	expect((await operator("POST", "/api/v1/pools", { body: { base: "base", tenant: tenantId } })).body.code).toBe("invalid_request");
	expect((await operator("POST", "/api/v1/pools", { body: { base: "none", tenant: tenantId } })).status).toBe(404);
	expect((await operator("POST", "/api/v1/pools", { body: { base: "base", tenant: tenantId, name: "Bad Name" } })).status).toBe(422);
	await seed.job({ tenantId, pool: "theirs", pictures: 2 });
	expect(bodyOf(await operator("DELETE", "/api/v1/pools/theirs"))).toMatchObject({ code: "pool_in_use", unfinished: 2 });
	expect(bodyOf(await operator("DELETE", "/api/v1/pools/theirs?move=true"))).toEqual({ moved: 2 });
	expect(await seed.line("base", tenantId)).toHaveLength(2);
	expect((await operator("DELETE", "/api/v1/pools/base?move=true")).status).toBe(404);
});

test("the operator requeues what runs, in any tenant's job, and is told when there is nothing to requeue", async () => {
	await seed.pool("stuck");
	const tenantId = await seed.tenant();
	const jobId = await seed.job({ tenantId, pool: "stuck" });
	await seed.claim(await seed.worker(["stuck"], ["generate:one"]), "stuck", ["generate:one"]);
	expect(bodyOf(await operator("POST", `/api/v1/jobs/${jobId}/requeue`))).toEqual({ job: jobId, steps: 1 });
	expect(bodyOf(await operator("POST", `/api/v1/jobs/${jobId}/requeue`))).toEqual({ job: jobId, steps: 0 });
	await stores.jobs.cancel(tenantId, jobId);
	expect((await operator("POST", `/api/v1/jobs/${jobId}/requeue`)).status).toBe(409);
	expect((await operator("POST", "/api/v1/jobs/none/requeue")).status).toBe(404);
});

test("a tenant's plan is changed to one of the operator's file, and its jobs follow", async () => {
	await seed.pool("planned");
	const tenantId = await seed.tenant();
	await seed.job({ tenantId, pool: "planned", ms: 3_000 });
	expect(bodyOf(await operator("POST", `/api/v1/tenants/${tenantId}/plan`, { body: { plan: "pro" } }))).toEqual({
		tenant: tenantId,
		plan: "pro",
		jobs: 1,
	});
	expect((await seed.line("planned", tenantId))[0]?.key).toBe(1_000_000);
	for (const plan of ["none", "toString"])
		expect((await operator("POST", `/api/v1/tenants/${tenantId}/plan`, { body: { plan } })).status).toBe(422);
	expect((await operator("POST", "/api/v1/tenants/none/plan", { body: { plan: "pro" } })).status).toBe(404);
});

test("models tell what was measured, and null where nothing was", async () => {
	const reader = await server.as(await seed.tenant(), "read");
	const model = bodyOf(await reader("GET", "/api/v1/models/embedded"));
	expect(model).toMatchObject({
		name: "embedded",
		price_micro_usd: 0,
		measured: { steps: 0, run_ms: null, wait_p50_ms: null, since: null },
	});
	expect((await reader("GET", "/api/v1/models/none")).status).toBe(404);
	expect(bodyOf(await reader("GET", "/api/v1/models")).data).toContainEqual(model);
});

test("metrics open to the operator and to the metrics token, and name no tenant, job or worker", async () => {
	await seed.pool("watched");
	const tenantId = await seed.tenant();
	const worker = await seed.worker(["watched"], ["generate:one"]);
	await stores.accounts.addCredit(tenantId, 5_000, "test");
	const jobId = await seed.job({ tenantId, pool: "watched" });
	expect((await server.anybody("GET", "/metrics")).status).toBe(401);
	expect((await (await server.as(tenantId, "read", "generate"))("GET", "/metrics")).status).toBe(403);
	expect((await caller(server.url, `${metricsToken}x`)("GET", "/metrics")).status).toBe(401);
	expect((await operator("GET", "/metrics")).status).toBe(200);
	expect((await caller(server.url, metricsToken)("GET", "/api/v1/pools")).status).toBe(401);
	server.metrics.countClaims([{ pool: "watched", model: "one" }]);
	// The snapshot is kept for a second.
	await new Promise((resolve) => setTimeout(resolve, 3_100));
	const { text, headers } = await caller(server.url, metricsToken)("GET", "/metrics");
	expect(headers.get("content-type")).toContain("text/plain");
	for (const line of [
		'glassworks_queue_steps{pool="watched",model="one",state="ready"} 1',
		'glassworks_queue_plan_steps{pool="watched",plan="starter",state="ready"} 1',
		'glassworks_workers{pool="watched",state="idle"} 1',
		'glassworks_wanted_workers{pool="watched"} 1',
		'glassworks_claims_total{pool="watched",model="one"} 1',
		'glassworks_ledger_amount{unit="usd",account="credit"} 5000',
		'glassworks_forecast_coverage{pool="watched"} 0.8',
	])
		expect(text).toContain(line);
	for (const secret of [tenantId, jobId, worker, "Secret"]) expect(text).not.toContain(secret);
});

test("refused requests for pictures are counted by code", async () => {
	await server.anybody("POST", "/api/v1/generations", { body: { prompt: "x" } });
	await operator("POST", "/api/v1/quotes", { body: { prompt: 5 } });
	const { text } = await operator("GET", "/metrics");
	expect(text).toContain('glassworks_refusals_total{code="unauthenticated"} 1');
	expect(text).toContain('glassworks_refusals_total{code="invalid_request"} 1');
});
