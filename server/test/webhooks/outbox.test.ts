import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench } from "../support/workbench.ts";

describe.skipIf(!process.env.TEST_DATABASE_URL)("with a server", () => {
	test("PostgreSQL is tested too", () => expect(storeKinds.every(({ present }) => present)).toBe(true));
});

describe.each(storeKinds.filter(({ present }) => present))("the outbox on $name", ({ open }) => {
	let stores: TestStores;
	beforeAll(async () => {
		stores = await open(shippedWorkflows);
	}, 300_000);
	afterAll(() => stores.close());

	const addEndpoint = async (tenantId: string, types: string[], enabled = true) => {
		const id = newId("whk");
		await stores.database.query(sql`insert into webhook_endpoints (id, tenant_id, url, description, types, enabled)
			values (${id}, ${tenantId}, 'https://example.com/hook', '', ${types}, ${enabled})`);
		return id;
	};
	const deliveriesOf = (tenantId: string) =>
		stores.database.query<{ type: string; subject: string; endpoint: string | null; url: string | null; event: string }>(
			sql`select e.type, e.subject_id as subject, d.endpoint_id as endpoint, d.url, d.event_id as event
				from webhook_deliveries d join webhook_events e on e.id = d.event_id where d.tenant_id = ${tenantId} order by d.id`,
		);

	test("a job tells the endpoints that listen and the address its request named, and nobody else", async () => {
		const bench = await setUpBench(stores);
		const other = await bench.newTenant();
		const all = await addEndpoint(bench.tenantId, ["*"]);
		const started = await addEndpoint(bench.tenantId, ["job.started", "batch.*"]);
		const jobs = await addEndpoint(bench.tenantId, ["job.*"]);
		await addEndpoint(bench.tenantId, ["*"], false);
		await addEndpoint(bench.tenantId, ["quota.warning"]);
		await addEndpoint(other, ["*"]);
		const draft = bench.draft({ steps: drawOnly });
		const job = await stores.jobs.submit({ ...draft, webhook: { url: "http://a.example:8080/x?y=1", types: ["job.cancelled"] } });
		await bench.claimOne();
		await stores.jobs.cancel(bench.tenantId, job?.id ?? "");
		const told = await deliveriesOf(bench.tenantId);
		const seen = told.map(({ type, endpoint, url }) => `${type} ${endpoint ?? url}`).sort();
		const expected = [
			`job.started ${all}`,
			`job.started ${started}`,
			`job.started ${jobs}`,
			`job.cancelled ${all}`,
			`job.cancelled ${jobs}`,
			"job.cancelled http://a.example:8080/x?y=1",
		];
		expect(seen).toEqual(expected.sort());
		expect(new Set(told.map(({ event }) => event)).size).toBe(2);
		expect(new Set(told.map(({ subject }) => subject))).toEqual(new Set([job?.id]));
		expect(await deliveriesOf(other)).toEqual([]);
	});

	test("what nobody listens to is not written, and what its transaction takes back is not told", async () => {
		const bench = await setUpBench(stores);
		const silent = await stores.database.query<{ id: string | null }>(
			sql`select emit_event(${bench.tenantId}, 'batch.completed', 'bat_1', '{}') as id`,
		);
		expect(silent).toEqual([{ id: null }]);
		await addEndpoint(bench.tenantId, ["batch.*"]);
		const undone = stores.database.transaction(async (tx) => {
			await tx.query(sql`select emit_event(${bench.tenantId}, 'batch.completed', 'bat_1', '{}')`);
			throw new Error("undone");
		});
		await expect(undone).rejects.toThrow("undone");
		expect(await deliveriesOf(bench.tenantId)).toEqual([]);
		const [told] = await stores.database.query<{ id: string }>(
			sql`select emit_event(${bench.tenantId}, 'batch.completed', 'bat_1', '{"a":1}') as id`,
		);
		expect(told?.id).toMatch(/^evt_[0-9a-f]{32}$/);
		expect(await deliveriesOf(bench.tenantId)).toMatchObject([{ type: "batch.completed", event: told?.id }]);
	});

	test("a month's quota warns once at 80 % and tells once that it is drawn, as soon as somebody listens", async () => {
		const bench = await setUpBench(stores);
		const draw = async (drawn: number, tenantId = bench.tenantId) => {
			const usage = await stores.accounts.quotaUsage(tenantId);
			const left = 10 - usage.units.image.used - usage.units.image.held;
			const draft = bench.draft({ tenantId, steps: drawOnly, pictures: drawn });
			const job = await stores.jobs.submit({
				...draft,
				quotas: [{ unit: "image", period: usage.period, limit: 10, wanted: drawn, drawn: Math.min(left, drawn) }],
			});
			return job?.id ?? "";
		};
		const types = async (tenantId = bench.tenantId) => (await deliveriesOf(tenantId)).map(({ type }) => type);
		await draw(8);
		await addEndpoint(bench.tenantId, ["quota.*"]);
		expect(await types()).toEqual([]);
		const ninth = await draw(1);
		expect(await types()).toEqual(["quota.warning"]);
		await stores.jobs.cancel(bench.tenantId, ninth);
		await draw(1);
		expect(await types()).toEqual(["quota.warning"]);
		await draw(3);
		await draw(1);
		expect(await types()).toEqual(["quota.warning", "quota.exhausted"]);

		const hasty = await bench.newTenant();
		await addEndpoint(hasty, ["*"]);
		const all = await draw(10, hasty);
		await stores.jobs.cancel(hasty, all);
		await draw(9, hasty);
		expect((await types(hasty)).filter((type) => type.startsWith("quota"))).toEqual(["quota.exhausted"]);
	});
});
