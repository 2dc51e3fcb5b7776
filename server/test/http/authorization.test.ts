import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { scopesOf } from "../../src/domain/people/role.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";
import { poster } from "../workflows/ownSteps.ts";
import { type Answer, type Call, caller } from "./call.ts";
import { type Audience, type Recipe, recipes, type Thing } from "./routeRecipes.ts";

// Hashing passwords takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

interface Route extends Recipe {
	method: string;
	url: string;
	name: string;
}

const secretWord = "the-secret-of-the-first-account";
const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

let running: TestApp;
/** Null: the embedded one. */
let database: Awaited<ReturnType<typeof createDatabase>> | null = null;
let operator: Call;
let anybody: Call;
/** Of the first account. */
let things: Record<Thing, string>;
let owner: Call;
/** Another account, as far as it may go: by a key, and by a person. */
let strangers: { by: "key" | "person"; call: Call }[];

beforeAll(async () => {
	database = adminUrl === "" ? null : await createDatabase();
	running = await startTestApp({ ...(database ? { DATABASE_URL: database.url } : {}), GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" }, [
		"api",
	]);
	operator = caller(running.url, running.ownerKey);
	anybody = caller(running.url, null);
	const [first, other] = [await newAccount(secretWord), await newAccount("Other")];
	owner = (await newPerson(first, "owner")).call;
	things = await makeThings(first);
	const scopes = ["read", "generate", "manage"];
	strangers = [
		{ by: "key", call: caller(running.url, await newKey(other, { scopes })) },
		{ by: "person", call: (await newPerson(other, "owner")).call },
	];
});
afterAll(async () => {
	await running?.close();
	await database?.drop();
});

async function newAccount(name: string): Promise<string> {
	const { status, body } = await operator("POST", "/api/v1/tenants", { body: { name, plan: "enterprise", postpaid: true } });
	expect(status).toBe(201);
	return body.id;
}

async function newKey(tenant: string, key: object): Promise<string> {
	const { status, body } = await operator("POST", `/api/v1/keys?tenant=${tenant}`, { body: { name: "test", ...key } });
	expect(status).toBe(201);
	return body.secret;
}

let people = 0;
/** Joins an account as somebody new. */
async function newPerson(tenant: string, role: string): Promise<{ id: string; call: Call; cookie: string }> {
	people += 1;
	const invited = await operator("POST", `/api/v1/invitations?tenant=${tenant}`, { body: { email: `p${people}@example.org`, role } });
	const { link } = invited.body as unknown as { link: string };
	const body = { token: link.split("#")[1], name: `P${people}`, password: "seven slow otters" };
	const joined = await anybody("POST", "/api/v1/invitations/join", { body });
	expect(joined.status, joined.text).toBe(201);
	const cookie = (joined.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
	return { id: (joined.body as unknown as { person: { id: string } }).person.id, call: withCookie(cookie), cookie };
}

function withCookie(cookie: string): Call {
	return (method, path, options = {}) =>
		anybody(method, path, { ...options, headers: { cookie, "sec-fetch-site": "same-origin", ...options.headers } });
}

/** One of each thing an account can have. */
async function makeThings(tenant: string): Promise<Record<Thing, string>> {
	const later = new Date(Date.now() + 86_400_000).toISOString();
	const job = await owner("POST", "/api/v1/generations", {
		body: { prompt: secretWord, width: 64, height: 64, upscale: false, run_after: later },
	});
	const asset = await owner("POST", "/api/v1/assets", { raw: new Uint8Array(png), headers: { "content-type": "image/png" } });
	const workflow = await owner("POST", "/api/v1/workflows", { body: { ...poster, slug: secretWord, visibility: "organisation" } });
	const small = { width: 64, height: 64, upscale: false };
	const batch = await owner("POST", "/api/v1/batches", {
		body: { name: secretWord, items: [{ prompt: secretWord }], defaults: small, at: later },
	});
	const board = await owner("POST", "/api/v1/boards", { body: { name: secretWord } });
	const key = await owner("POST", "/api/v1/keys", { body: { name: secretWord } });
	const invitation = await owner("POST", "/api/v1/invitations", { body: { email: "waiting@example.org" } });
	const worker = await operator("POST", "/api/v1/workers", { body: { name: "box", pools: ["gpu"] } });
	const webhook = await owner("POST", "/api/v1/webhooks", { body: { url: `${running.url}/hook`, description: secretWord } });
	const delivery = await owner("POST", `/api/v1/webhooks/${idIn(webhook.body)}/test`, { body: {} });
	const training = await train(worker.body.token, asset.body.id, later);
	for (const { status, text } of [training, batch, board, webhook, delivery, job, asset, workflow, key, invitation, worker])
		expect(status, text).toBeLessThan(300);
	return {
		job: job.body.id,
		asset: asset.body.id,
		workflow: secretWord,
		key: key.body.key.id,
		invitation: (invitation.body as unknown as { invitation: { id: string } }).invitation.id,
		member: (await newPerson(tenant, "member")).id,
		tenant,
		worker: worker.body.worker.id,
		batch: batch.body.id,
		training: training.body.id,
		board: board.body.id,
		webhook: idIn(webhook.body),
		delivery: idIn(delivery.body),
		first: "0",
	};
}

/** A training that waits, while a worker says that it could train. */
async function train(token: string, asset: string, runAfter: string): Promise<Answer> {
	const capability = "train_lora:sd15";
	const limits = { maxSteps: 1_000, maxPictures: 10, maxSidePx: 512 };
	const hello = { capabilities: [capability], traits: { [capability]: { training: limits } }, loadedModel: null, slots: 1 };
	const greeted = await caller(running.url, token)("POST", "/api/worker/v1/hello", { body: hello });
	expect(greeted.status, greeted.text).toBe(200);
	const pictures = [{ image: { asset_id: asset }, caption: secretWord }];
	return owner("POST", "/api/v1/trainings", { body: { name: secretWord, model: "sd15", pictures, steps: 10, run_after: runAfter } });
}

/** The id of an answer, or of what it holds. */
function idIn(body: object): string {
	const [id] = [body, ...Object.values(body)].flatMap((each: { id?: unknown } | null) => (typeof each?.id === "string" ? [each.id] : []));
	return id ?? "";
}

/** Every route the running server has, with its recipe; HEAD goes as GET does. */
function routes(): Route[] {
	// fetch sends no TRACE.
	return running.routes
		.filter(({ method }) => method !== "TRACE")
		.map(({ method, url }) => {
			const name = `${method === "HEAD" ? "GET" : method} ${url}`;
			const recipe = recipes[name];
			if (!recipe) throw new Error(`${name} has no recipe: add it to server/test/http/routeRecipes.ts with whom it is \`for\`.`);
			return { method, url, name: `${method} ${url}`, ...recipe };
		});
}

/** The address with the first account's things in it, or with names of nothing. */
function addressOf({ url, ids = {}, wild = "none" }: Route, isReal: boolean): string {
	const filled = url.replaceAll(/:(\w+)/g, (_, parameter: string) => {
		const thing = ids[parameter];
		return isReal && thing ? things[thing] : "none_0";
	});
	return filled.replace(
		"*",
		wild.replaceAll(/\{(\w+)\}/g, (_, thing: string) => (isReal ? things[thing as Thing] : "none_0")),
	);
}

/** Not for keys nor sessions, whatever they may do. */
const isElsewhere = (audience: Audience) => audience === "token" || audience === "signed";
/** A token that is none has no signature that fits. */
const refusals = ({ for: audience }: Route) => (audience === "token" ? [401, 403] : [401]);
const needsKey = ({ for: audience }: Route) => audience !== "public" && audience !== "open";

test("every route says whom it is for and what its address names, and nothing else does", () => {
	const known = new Set(routes().map(({ name }) => name));
	expect(known.size).toBeGreaterThan(80);
	for (const { url, name, ids = {}, isShared, wild } of routes()) {
		const parameters = [...url.matchAll(/:(\w+)/g)].map((match) => match[1] ?? "");
		if (isShared) continue;
		const message = `${name}: say in routeRecipes.ts which thing of an account each parameter names (ids), or that they name none (isShared); a new kind of thing is made in makeThings`;
		expect(Object.keys(ids).sort(), message).toEqual(parameters.sort());
		expect(url.includes("*"), message).toBe(wild !== undefined);
	}
	// The studio's files are only served where it was built.
	const gone = Object.keys(recipes).filter((name) => !known.has(name) && recipes[name]?.for !== "public" && !name.startsWith("TRACE"));
	expect(gone, "recipes of routes that are no longer there").toEqual([]);
});

test("nobody gets in without a key, nor with one that is revoked, expired or no key at all", async () => {
	const account = await newAccount("Third");
	const revoked = await newKey(account, { scopes: ["read", "generate", "manage"] });
	const signedIn = await anybody("POST", "/api/v1/session", { body: { key: revoked } });
	const [{ id }] = (await operator("GET", `/api/v1/keys?tenant=${account}`)).body.data as unknown as [{ id: string }];
	await operator("POST", `/api/v1/keys/${id}/revoke?tenant=${account}`);
	const expired = await newKey(account, { scopes: ["read", "generate", "manage"], expires_at: "2020-01-01T00:00:00Z" });
	const removed = await newPerson(account, "admin");
	await operator("DELETE", `/api/v1/members/${removed.id}?tenant=${account}`);
	const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
	const cookie = (value: string) => ({ cookie: value, "sec-fetch-site": "same-origin" });
	const attempts: Record<string, Record<string, string>> = {
		"without anything": {},
		"a revoked key": bearer(revoked),
		"an expired key": bearer(expired),
		"a key nobody made": bearer(`gw_${randomBytes(32).toString("base64url")}`),
		"a key cut short": bearer(running.ownerKey.slice(0, -1)),
		"a malformed key": bearer("gw_'or1=1--"),
		"a scheme without a key": { authorization: "Bearer" },
		"the session of a revoked key": cookie((signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? ""),
		"the session of a removed person": cookie(removed.cookie),
		"a session nobody opened": cookie(`glassworks_session=${randomBytes(32).toString("base64url")}`),
	};
	for (const [what, headers] of Object.entries(attempts)) {
		const open: string[] = [];
		for (const route of routes().filter(needsKey))
			if (!refusals(route).includes((await anybody(route.method, addressOf(route, true), { headers })).status)) open.push(route.name);
		expect(open, what).toEqual([]);
	}
	for (const route of routes().filter((each) => each.for === "open"))
		expect((await anybody(route.method, addressOf(route, true))).status, route.name).not.toBe(401);
});

// Before the next one: what a stranger tries is in the stranger's own audit log.
test("no list tells another account's things, whatever account the asker names", async () => {
	const hidden = [...Object.entries(things).flatMap(([thing, id]) => (thing === "first" ? [] : [id])), secretWord, "waiting@example.org"];
	const named = `tenant=${things.tenant}`;
	for (const { by, call } of strangers)
		for (const route of routes().filter(({ method, ids, wild, isShared }) => method === "GET" && !ids && !wild && !isShared))
			for (const query of ["", `?${named}`, `?limit=100&${named}&tenant_id=${things.tenant}`]) {
				const { text, status } = await call("GET", `${route.url}${query}`);
				const told = hidden.filter((id) => text.includes(id));
				expect([status < 500, told], `${route.name}${query} by a ${by}`).toEqual([true, []]);
			}
	for (const { call } of strangers)
		for (const [path, body] of [
			["/api/v1/keys", { name: "x" }],
			["/api/v1/invitations", { email: "x@example.org" }],
		] as const)
			expect((await call("POST", `${path}?${named}`, { body })).status, path).toBe(403);
});

test("another account reaches nothing of the first one, on every route that names a thing", async () => {
	const before = await stateOfFirst();
	for (const { by, call } of strangers)
		for (const route of routes().filter(({ ids, wild, for: audience }) => (ids || wild) && !isElsewhere(audience))) {
			const answer = await call(route.method, addressOf(route, true), route.body ? { body: route.body } : {});
			const isBarred = route.for === "operate" || (route.for === "person" && by === "key");
			expect([answer.status, answer.text.includes(secretWord)], `${route.name} by a ${by}: ${answer.text}`).toEqual([
				isBarred ? 403 : 404,
				false,
			]);
		}
	expect(await stateOfFirst()).toEqual(before);
});

test("the first account reaches its own things by the same addresses", async () => {
	for (const route of routes().filter(
		({ method, ids, for: audience }) => method === "GET" && ids && ["read", "manage"].includes(audience),
	)) {
		// Nothing was drawn yet, and the stream of a waiting job does not end.
		if (/images|events|file|samples/.test(route.url)) continue;
		expect((await owner("GET", addressOf(route, true))).status, route.name).toBe(200);
	}
});

test.each([
	["viewer", "first"],
	["member", "first"],
	["admin", "first"],
	["owner", "first"],
	["member", "owner"],
	["admin", "owner"],
] as const)("as %s of the %s account a person may do what the role says on every route, and no more", async (role, account) => {
	const tenant = account === "owner" ? "owner" : things.tenant;
	const { call } = await newPerson(tenant, role);
	const scopes: readonly string[] = [...scopesOf(role, tenant), "person", "open", "public"];
	const wrong: string[] = [];
	for (const route of routes().filter(
		({ isLast, isDrawing, isOnlyForKeys, for: audience }) => !isLast && !isDrawing && !isOnlyForKeys && !isElsewhere(audience),
	)) {
		// Names of nothing: what may be done must not be done.
		const { status, text } = await call(route.method, addressOf(route, false));
		const isLetIn = status !== 401 && status !== 403;
		if (isLetIn !== scopes.includes(route.for) || status >= 500) wrong.push(`${route.name}: ${status} ${text.slice(0, 200)}`);
	}
	expect(wrong).toEqual([]);
});

test("a key does on every route what its scopes say, and nothing that is for people", async () => {
	for (const scope of ["read", "generate", "manage"]) {
		const call = caller(running.url, await newKey(things.tenant, { scopes: [scope] }));
		for (const route of routes().filter(({ isLast, isDrawing, for: audience }) => !isLast && !isDrawing && !isElsewhere(audience))) {
			const { status } = await call(route.method, addressOf(route, false));
			const isLetIn = status !== 401 && status !== 403;
			// For people only, but a body that is wrong is told first.
			const isMisread = route.for === "person" && scope === "read" && (status === 400 || status === 422);
			expect(isLetIn, `${route.name} with ${scope}: ${status}`).toBe([scope, "open", "public"].includes(route.for) || isMisread);
		}
	}
});

/** What a stranger might have changed. */
async function stateOfFirst(): Promise<unknown[]> {
	const { status } = (await owner("GET", `/api/v1/jobs/${things.job}`)).body;
	const rest = await Promise.all(
		["keys", "members", "invitations", "webhooks", `workflows/${things.workflow}`, `assets/${things.asset}`].map(
			async (path) => (await owner("GET", `/api/v1/${path}`)).body,
		),
	);
	// Links are signed anew.
	return [status, JSON.parse(JSON.stringify(rest).replaceAll(/"url":"[^"]*"/g, '"url":""'))];
}
