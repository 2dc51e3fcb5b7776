/** Who may see and run whose workflows, on every route. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { poster } from "./ownSteps.ts";

let app: TestApp;
let author: Call;
let stranger: Call;
let link = "";
beforeAll(async () => {
	app = await startTestApp();
	author = caller(app.url, (await app.createTenant("starter", { creditMicroUsd: 0 })).key);
	stranger = caller(app.url, (await app.createTenant("starter", { creditMicroUsd: 0 })).key);
	for (const slug of ["private", "shared"])
		expect((await author("POST", "/api/v1/workflows", { body: { ...poster, slug } })).status).toBe(201);
	const shared = await author("PATCH", "/api/v1/workflows/shared", { body: { visibility: "link" } });
	link = (shared.body as unknown as { link: string }).link;
}, 60_000);
afterAll(() => app?.close());

const run = { inputs: { subject: "a red apple" }, run_after: new Date(Date.now() + 3_600_000).toISOString() };
const routes = (name: string): [method: string, path: string, body?: object][] => [
	["GET", `/api/v1/workflows/${name}`],
	["GET", `/api/v1/workflows/${name}?version=1`],
	["GET", `/api/v1/workflows/${name}/schema`],
	["PATCH", `/api/v1/workflows/${name}`, { visibility: "organisation" }],
	["DELETE", `/api/v1/workflows/${name}`],
	["POST", `/api/v1/workflows/${name}/runs`, run],
	["POST", `/api/v1/workflows/${name}/runs/quotes`, run],
];

test("another account's workflow is not there, on any route, private or shared by link", async () => {
	for (const name of ["private", "shared"])
		for (const [method, path, body] of routes(name))
			expect((await stranger(method, path, body ? { body } : {})).body, `${method} ${path}`).toMatchObject({
				status: 404,
				code: "not_found",
			});
	const listed = (await stranger("GET", "/api/v1/workflows")).body.data as unknown as { slug: string }[];
	expect(listed.map(({ slug }) => slug)).not.toContain("private");
	expect(Object.keys((await stranger("GET", "/openapi.json")).body.paths)).not.toContain("/api/v1/workflows/private/runs");
	const generation = await stranger("POST", "/api/v1/generations", { body: { prompt: "x", workflow: "private" } });
	expect(generation.body).toMatchObject({ code: "unknown_workflow", errors: [{ path: ["workflow"] }] });
	expect((await author("GET", "/api/v1/workflows/private")).status).toBe(200);
});

test("without a key there is nothing", async () => {
	const nobody = caller(app.url, null);
	for (const [method, path, body] of routes("private")) expect((await nobody(method, path, body ? { body } : {})).status).toBe(401);
	expect((await nobody("POST", "/api/v1/workflows", { body: poster })).status).toBe(401);
	expect((await nobody("GET", "/api/v1/workflows")).status).toBe(401);
});

test("whoever has the link looks and runs at their own cost, and can change nothing", async () => {
	expect(link).toMatch(/^wfs_[A-Za-z0-9_-]{43}$/);
	const allowed = routes(link).filter(([method]) => method === "GET" || method === "POST");
	for (const [method, path, body] of allowed)
		expect((await stranger(method, path, body ? { body } : {})).status, `${method} ${path}`).toBeLessThan(300);
	expect((await stranger("GET", `/api/v1/workflows/${link}`)).body).toMatchObject({ slug: "shared", link: null });
	for (const [method, path, body] of routes(link).filter(([method]) => method === "PATCH" || method === "DELETE"))
		expect((await stranger(method, path, body ? { body } : {})).body).toMatchObject({ code: "not_found" });
	const { data } = (await stranger("GET", "/api/v1/jobs")).body as unknown as { data: { workflow: string }[] };
	expect(data.map(({ workflow }) => workflow)).toEqual(["shared"]);
	expect((await author("GET", "/api/v1/jobs")).body.data).toEqual([]);
	await author("PATCH", "/api/v1/workflows/shared", { body: { visibility: "private" } });
	expect((await stranger("GET", `/api/v1/workflows/${link}`)).status).toBe(404);
	expect((await stranger("GET", "/api/v1/jobs")).body.data).toHaveLength(1);
});

test("one's own are listed after those that ship, and have a typed address in the document", async () => {
	const { body } = await author("GET", "/api/v1/workflows?limit=1");
	const slugs = (body.data as unknown as { slug: string }[]).map(({ slug }) => slug);
	expect(slugs.slice(0, 1)).toEqual(["picture"]);
	expect(slugs.slice(-1)).toEqual(["shared"]);
	const rest = await author("GET", `/api/v1/workflows?before=${body.next}`);
	expect((rest.body.data as unknown as { slug: string }[]).map(({ slug }) => slug)).toEqual(["private"]);
	const typed = (await author("GET", "/openapi.json")).body.paths["/api/v1/workflows/private/runs"]?.post;
	expect(typed).toMatchObject({
		requestBody: { content: { "application/json": { schema: { properties: { inputs: { required: ["subject"] } } } } } },
	});
});

test("those that ship belong to nobody", async () => {
	for (const [method, body] of [
		["PATCH", { visibility: "link" }],
		["DELETE", undefined],
	] as const)
		expect((await author(method, "/api/v1/workflows/picture", body ? { body } : {})).body).toMatchObject({ code: "forbidden" });
});

test("a key that may only read saves and runs nothing", async () => {
	const owner = caller(app.url, app.ownerKey);
	const { secret } = (await owner("POST", "/api/v1/keys", { body: { name: "reader", scopes: ["read"] } })).body;
	const reader = caller(app.url, secret);
	expect((await reader("POST", "/api/v1/workflows", { body: poster })).body).toMatchObject({ code: "forbidden" });
	expect((await reader("POST", "/api/v1/workflows/upscale/runs", { body: {} })).body).toMatchObject({ code: "forbidden" });
	expect((await reader("GET", "/api/v1/workflows/picture")).status).toBe(200);
});

test("a run repeated under one Idempotency-Key is one job", async () => {
	const headers = { "idempotency-key": "run-1" };
	const send = (body: object) => author("POST", "/api/v1/workflows/private/runs", { body, headers });
	const [first, again] = [await send(run), await send(run)];
	expect(again.text).toBe(first.text);
	expect(again.headers.get("idempotency-replayed")).toBe("true");
	expect((await send({ ...run, count: 2 })).body).toMatchObject({ code: "idempotency_key_reused" });
});

test("a picture of another account is no picture", async () => {
	const inputs = { image: { job_id: "job_of_somebody_else" } };
	const refused = await stranger("POST", "/api/v1/workflows/upscale/runs/quotes", { body: { inputs } });
	expect(refused.body).toMatchObject({ code: "not_found", errors: [{ path: ["inputs", "image", "job_id"] }] });
});
