import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";
import { caller } from "./call.ts";

describe.skipIf(!process.env.TEST_DATABASE_URL)("two servers on one database", () => {
	const ownerKey = "gw_of-the-owner-of-both-servers";
	let database: Awaited<ReturnType<typeof createDatabase>>;
	let servers: TestApp[] = [];
	beforeAll(async () => {
		expect(adminUrl).not.toBe("");
		database = await createDatabase();
		const variables = { DATABASE_URL: database.url, GLASSWORKS_OWNER_KEY: ownerKey };
		servers = [await startTestApp(variables, ["api"]), await startTestApp(variables, ["api"])];
	});
	afterAll(async () => {
		for (const server of servers) await server.close();
		await database?.drop();
	});
	const [here, there] = [0, 1].map((at) => (key: string) => caller(servers[at]?.url ?? "", key)) as [
		(key: string) => ReturnType<typeof caller>,
		(key: string) => ReturnType<typeof caller>,
	];

	test("what one revoked, the other refuses from the very next request on, however busy it is with that key", async () => {
		for (let round = 0; round < 10; round++) {
			const { body } = await here(ownerKey)("POST", "/api/v1/keys", { body: { name: "busy", scopes: ["read"] } });
			const ask = () => there(body.secret)("GET", "/api/v1/session").then(({ status }) => status);
			let isBusy = true;
			const load = Array.from({ length: 8 }, async () => {
				while (isBusy) await ask();
			});
			expect(await ask()).toBe(200);
			expect((await here(ownerKey)("POST", `/api/v1/keys/${body.key.id}/revoke`)).status).toBe(204);
			expect(await Promise.all(Array.from({ length: 8 }, ask))).toEqual(Array(8).fill(401));
			isBusy = false;
			await Promise.all(load);
		}
	});

	test("a plan that one changed, the other goes by from the very next request on", async () => {
		const { body: tenant } = await here(ownerKey)("POST", "/api/v1/tenants", { body: { name: "Acme", plan: "free" } });
		const made = await here(ownerKey)("POST", `/api/v1/keys?tenant=${tenant.id}`, { body: { name: "k" } });
		const planSeen = async () => (await there(made.body.secret)("GET", "/api/v1/session")).body;
		expect(await planSeen()).toMatchObject({ plan: "free" });
		await here(ownerKey)("POST", `/api/v1/tenants/${tenant.id}/plan`, { body: { plan: "pro" } });
		expect(await planSeen()).toMatchObject({ plan: "pro" });
	});
});
