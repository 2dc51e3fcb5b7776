import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { type Call, caller } from "./call.ts";

let running: TestApp;
let operator: Call;
let tenantId: string;
/** A key of an ordinary account that manages it. */
let manager: Call;

beforeAll(async () => {
	running = await startTestApp({}, ["api"]);
	operator = caller(running.url, running.ownerKey);
	({ tenantId } = await running.createTenant("starter", { creditMicroUsd: 0 }));
	const scopes = ["read", "generate", "manage"];
	const made = await operator("POST", `/api/v1/keys?tenant=${tenantId}`, { body: { name: "manager", scopes } });
	expect(made.status).toBe(201);
	manager = caller(running.url, made.body.secret);
});
afterAll(() => running?.close());

const works = async (secret: string) => (await caller(running.url, secret)("GET", "/api/v1/session")).status === 200;

test("an account manages its own keys: makes, lists page by page, reads and revokes them", async () => {
	const made = [];
	for (const name of ["a", "b", "c"]) made.push((await manager("POST", "/api/v1/keys", { body: { name } })).body);
	const first = (await manager("GET", "/api/v1/keys?limit=2")).body;
	expect(first.data.map((key) => key.name)).toEqual(["c", "b"]);
	const rest = (await manager("GET", `/api/v1/keys?limit=100&before=${first.next}`)).body;
	expect(rest.data.map((key) => key.name)).toEqual(["a", "manager", "test"]);
	expect(rest.next).toBeNull();
	const [{ key, secret }] = made as [(typeof made)[0]];
	expect((await manager("GET", `/api/v1/keys/${key.id}`)).body).toMatchObject({
		id: key.id,
		scopes: ["read", "generate"],
		created_by: null,
	});
	expect((await manager("POST", `/api/v1/keys/${key.id}/revoke`)).status).toBe(204);
	expect(await works(secret)).toBe(false);
	expect((await manager("GET", `/api/v1/keys/${key.id}`)).body).toMatchObject({ revoked_at: expect.any(String) });
});

test("who manages an account makes no key that may do more, and none for another account", async () => {
	const ask = async (query: string, body: object) => (await manager("POST", `/api/v1/keys${query}`, { body: { name: "x", ...body } })).body;
	expect(await ask("", { scopes: ["operate"] })).toMatchObject({ code: "forbidden", detail: expect.stringContaining("operate") });
	expect(await ask("?tenant=owner", { scopes: ["read"] })).toMatchObject({ code: "forbidden" });
	expect((await manager("GET", "/api/v1/keys?tenant=owner")).body).toMatchObject({ code: "forbidden" });
	const [ofOwner] = (await operator("GET", "/api/v1/keys")).body.data;
	for (const [method, below] of [
		["GET", ""],
		["POST", "/rotate"],
		["POST", "/revoke"],
	] as const)
		expect((await manager(method, `/api/v1/keys/${ofOwner?.id}${below}`, { body: below === "/rotate" ? {} : undefined })).body.code).toBe(
			"not_found",
		);
	expect(await works(running.ownerKey)).toBe(true);
});

test("an operator's key is only made for the operator's own account, and for accounts there are", async () => {
	const ask = async (tenant: string, scopes: string[]) =>
		(await operator("POST", `/api/v1/keys?tenant=${tenant}`, { body: { name: "x", scopes } })).body.code;
	expect(await ask(tenantId, ["operate"])).toBe("forbidden");
	expect(await ask("ten_none", ["read"])).toBe("not_found");
});

test("a rotated key goes on under a new secret, and the old one works for as long as was asked", async () => {
	const { body: old } = await manager("POST", "/api/v1/keys", {
		body: { name: "ci", scopes: ["read"], expires_at: "2100-01-01T00:00:00Z" },
	});
	const { body: next } = await manager("POST", `/api/v1/keys/${old.key.id}/rotate`, { body: { overlap_s: 3_600 } });
	expect(next.key).toMatchObject({ name: "ci", scopes: ["read"], expires_at: "2100-01-01T00:00:00.000Z" });
	expect([await works(old.secret), await works(next.secret)]).toEqual([true, true]);
	const { body: last } = await manager("POST", `/api/v1/keys/${next.key.id}/rotate`, { body: {} });
	expect([await works(next.secret), await works(last.secret)]).toEqual([false, true]);
	expect((await manager("POST", `/api/v1/keys/${next.key.id}/rotate`, { body: {} })).body).toMatchObject({
		status: 409,
		code: "key_not_usable",
	});
});

test("who manages an account makes nobody more than they are themselves", async () => {
	const keyWith = async (scopes: string[], query = "") =>
		caller(running.url, (await operator("POST", `/api/v1/keys${query}`, { body: { name: "people", scopes } })).body.secret);
	const invite = async (call: Call, role: string) =>
		(await call("POST", "/api/v1/invitations", { body: { email: `${role}@example.org`, role } })).status;
	// An admin of the operator's account would operate the server.
	const ofOperator = await keyWith(["read", "generate", "manage"]);
	expect([await invite(ofOperator, "admin"), await invite(ofOperator, "owner"), await invite(ofOperator, "member")]).toEqual([
		403, 403, 201,
	]);
	const ofTenant = await keyWith(["read", "manage"], `?tenant=${tenantId}`);
	expect([await invite(ofTenant, "member"), await invite(ofTenant, "viewer")]).toEqual([403, 201]);
});

test("a key that manages but does not operate cannot rotate one that does", async () => {
	const { body } = await operator("POST", "/api/v1/keys", { body: { name: "people", scopes: ["read", "manage"] } });
	const [top] = (await operator("GET", "/api/v1/keys")).body.data.filter((key) => key.name === "bootstrap");
	const answer = await caller(running.url, body.secret)("POST", `/api/v1/keys/${top?.id}/rotate`, { body: {} });
	expect(answer.body).toMatchObject({ status: 403, code: "forbidden" });
	expect(await works(running.ownerKey)).toBe(true);
});
