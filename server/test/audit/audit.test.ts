import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { auditPage } from "../../src/contract/audit.ts";
import type { AuditEntry, AuditQuery } from "../../src/domain/audit/auditLog.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { runCli } from "../cli/scriptedApi.ts";
import { type Call, caller } from "../http/call.ts";
import { startTestApp } from "../support/testApp.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

type Page = z.infer<typeof auditPage>;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`the audit log in the ${name} database`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());
		const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
			...{ tenantId: "ten_a", actorKind: "key", actorId: "key_1", actorTenantId: "ten_a", action: "createKey" },
			...{ targets: [], details: {}, network: "203.0.113.0/24", requestId: "r1" },
			...more,
		});
		const query = (more: Partial<AuditQuery> = {}): AuditQuery => ({
			...{ tenantId: "ten_a", action: null, actorId: null, target: null, outcome: null, from: null, to: null, limit: 100, before: null },
			...more,
		});
		const done = { status: 200, code: null, made: [] };

		test.each(["audit_entries", "audit_results"])("%s can be neither changed, removed nor emptied", async (table) => {
			await stores.audit.note(entry(), done);
			const refused = { message: expect.stringContaining("append-only") };
			const column = table === "audit_entries" ? "action" : "code";
			for (const statement of [`update ${table} set ${column} = 'x'`, `delete from ${table}`, `truncate ${table}`])
				await expect(stores.database.transaction((tx) => stores.database.script(tx, statement))).rejects.toMatchObject(refused);
		});

		test("an entry that was begun by a server that died stays, and says that nobody knows how it ended", async () => {
			const tenantId = newId("ten");
			await stores.audit.begin(entry({ tenantId }));
			const { entries } = await stores.audit.list(query({ tenantId }));
			expect(entries).toMatchObject([{ action: "createKey", outcome: "unknown", result: null }]);
		});

		test("pages go back from the newest, and filters leave out what does not fit", async () => {
			const tenantId = newId("ten");
			for (let n = 0; n < 5; n++) {
				const id = await stores.audit.begin(entry({ tenantId, targets: [`key_${n}`], actorId: n < 3 ? "key_x" : null }));
				const result = n === 4 ? { status: 403, code: "forbidden", made: [] } : { ...done, made: [`made_${n}`] };
				await stores.audit.end(id, n === 0 ? { status: 500, code: "internal", made: [] } : result);
			}
			const targets = async (more: Partial<AuditQuery>) =>
				(await stores.audit.list(query({ tenantId, ...more }))).entries.map((each) => each.targets[0]);
			const first = await stores.audit.list(query({ tenantId, limit: 2 }));
			expect(first.entries.map((each) => each.targets[0])).toEqual(["key_4", "key_3"]);
			expect(await targets({ before: first.next })).toEqual(["key_2", "key_1", "key_0"]);
			expect(await targets({ outcome: "refused" })).toEqual(["key_4"]);
			expect(await targets({ outcome: "failed" })).toEqual(["key_0"]);
			expect(await targets({ outcome: "done", actorId: "key_x" })).toEqual(["key_2", "key_1"]);
			expect(await targets({ target: "made_2" })).toEqual(["key_2"]);
			expect(await targets({ target: "key_3" })).toEqual(["key_3"]);
			expect(await targets({ from: new Date(Date.now() + 60_000) })).toEqual([]);
			expect((await stores.audit.list(query({ tenantId: newId("ten") }))).entries).toEqual([]);
		});
	});
}

describe("what is kept of requests", () => {
	let running: Awaited<ReturnType<typeof startTestApp>>;
	let owner: Call;
	let tenant: { tenantId: string; key: string };
	beforeAll(async () => {
		running = await startTestApp();
		owner = caller(running.url, running.ownerKey);
		tenant = await running.createTenant("starter", { creditMicroUsd: 0 });
	});
	afterAll(() => running?.close());
	const read = async (call: Call, query = "") => JSON.parse((await call("GET", `/api/v1/audit${query}`)).text) as Page;
	const newest = async (call: Call, query = "") => (await read(call, query)).data[0];

	test("a key that is made and revoked is kept with who, what, when and where, and never its secret", async () => {
		const made = await owner("POST", "/api/v1/keys", { body: { name: "a very private name", scopes: ["read"] } });
		const id = made.body.key.id;
		expect(await newest(owner, "?action=createKey")).toMatchObject({
			...{ tenant_id: "owner", actor: { kind: "key", id: expect.stringMatching(/^key_/) }, action: "createKey", made: [id] },
			...{ details: { scopes: ["read"] }, network: expect.stringMatching(/\/(24|48)$/), outcome: "done", status: 201, code: null },
			...{ request_id: made.headers.get("x-request-id"), at: expect.any(String) },
		});
		await owner("POST", `/api/v1/keys/${id}/revoke`);
		expect(await newest(owner, `?target=${id}`)).toMatchObject({ action: "revokeKey", targets: [id], outcome: "done", status: 204 });
		const { text } = await owner("GET", "/api/v1/audit?limit=500");
		expect(text).not.toContain(made.body.secret);
		expect(text).not.toContain("private name");
	});

	test("what is refused is kept too: with the reason, for whom it was", async () => {
		const asTenant = caller(running.url, tenant.key);
		await asTenant("POST", "/api/v1/keys", { body: { name: "x" } });
		await asTenant("POST", `/api/v1/tenants/owner/plan?tenant=owner`, { body: { plan: "owner" } });
		await owner("POST", "/api/v1/keys/key_none/revoke");
		expect((await read(owner, `?tenant=${tenant.tenantId}`)).data).toMatchObject([
			{ action: "changePlan", outcome: "refused", status: 403, code: "forbidden" },
			{ action: "createKey", outcome: "refused", status: 403, code: "forbidden" },
		]);
		expect(await newest(owner, "?action=changePlan&tenant=owner")).toBeUndefined();
		expect(await newest(owner, "?target=key_none")).toMatchObject({ outcome: "refused", code: "not_found" });
	});

	test("signing in is kept, and so is trying to with a wrong key", async () => {
		const nobody = caller(running.url, null);
		const { key } = (await owner("POST", "/api/v1/keys", { body: { name: "studio" } })).body;
		const secret = (await owner("POST", "/api/v1/keys", { body: { name: "studio" } })).body.secret;
		expect(key.id).toMatch(/^key_/);
		await nobody("POST", "/api/v1/session", { body: { key: secret } });
		expect(await newest(owner, "?action=createSession")).toMatchObject({ tenant_id: "owner", actor: { kind: "key" }, outcome: "done" });
		await nobody("POST", "/api/v1/session", { body: { key: "gw_wrong_wrong_wrong_wrong" } });
		expect(await newest(owner, "?action=createSession")).toMatchObject({
			...{ tenant_id: null, actor: { kind: "nobody", id: null }, outcome: "refused", code: "unauthenticated" },
		});
	});

	test("requests that nobody signed do not fill the log", async () => {
		const before = await newest(owner);
		for (const path of ["keys", "workers", "engines"]) await caller(running.url, null)("POST", `/api/v1/${path}`, { body: { name: "x" } });
		await caller(running.url, null)("POST", "/api/v1/session", { body: {} });
		expect(await newest(owner)).toEqual(before);
	});

	test("an account sees what an operator did to it, not who that was, and nothing of others", async () => {
		const { tenantId } = tenant;
		await owner("POST", `/api/v1/tenants/${tenantId}/plan`, { body: { plan: "pro" } });
		const made = await owner("POST", `/api/v1/keys?tenant=${tenantId}`, { body: { name: "admin", scopes: ["read", "manage"] } });
		const manager = caller(running.url, made.body.secret);
		const { data } = await read(manager, "?tenant=owner");
		expect(data.every((entry) => entry.tenant_id === tenantId)).toBe(true);
		expect(data.find((entry) => entry.action === "changePlan" && entry.outcome === "done")).toMatchObject({
			...{ actor: { kind: "operator", id: null }, network: null, details: { plan: "pro" }, targets: [tenantId] },
		});
		expect((await caller(running.url, tenant.key)("GET", "/api/v1/audit")).body).toMatchObject({ status: 403, code: "forbidden" });
		expect((await owner("GET", "/api/v1/audit?before=x")).body).toMatchObject({ code: "invalid_request", errors: [{ path: ["before"] }] });
	});

	test("reading, and making pictures, are not kept", async () => {
		const before = await newest(owner);
		await owner("GET", "/api/v1/keys");
		await owner("POST", "/api/v1/quotes", { body: { prompt: "a red apple" } });
		expect(await newest(owner)).toEqual(before);
	});

	test("glassworks audit shows the log, page by page", async () => {
		const environment = { GLASSWORKS_URL: running.url, GLASSWORKS_KEY: running.ownerKey, GLASSWORKS_DATA: "/nowhere" };
		const cli = async (...argv: string[]) => {
			const { exitCode, text } = runCli(["audit", ...argv], environment);
			return { exitCode: await exitCode, ...text };
		};
		const shown = await cli("--action", "createKey");
		expect(shown).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^TIME +ACCOUNT +WHO +ACTION/) });
		expect(shown.out).toContain("createKey");
		const first = JSON.parse((await cli("--limit", "1", "--json")).out) as Page;
		const second = JSON.parse((await cli("--limit", "1", "--before", String(first.next), "--json")).out) as Page;
		expect(Number(second.data[0]?.id)).toBeLessThan(Number(first.data[0]?.id));
	});
});
