import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Call, caller } from "../http/call.ts";
import { type MailServer, startMailServer } from "../support/mailServer.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

// Hashing passwords takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const config = fileURLToPath(new URL("../support/signUp.config.ts", import.meta.url));
const password = "four grey herons wade";
let mail: MailServer;
/** Null: the embedded one. */
let database: Awaited<ReturnType<typeof createDatabase>> | null = null;
/** Anybody may sign up. */
let running: TestApp;
let anybody: Call;
let operator: Call;
/** Each password costs as much time as guessing one: whoever need not be new is one of these two, owners of accounts of their own. */
let fern: Someone;
let gil: Someone;

beforeAll(async () => {
	mail = await startMailServer();
	database = adminUrl === "" ? null : await createDatabase();
	const variables = { GLASSWORKS_CONFIG: config, SMTP_URL: mail.url, ...(database ? { DATABASE_URL: database.url } : {}) };
	running = await startTestApp(variables, ["api"]);
	anybody = caller(running.url, null);
	operator = caller(running.url, running.ownerKey);
	[fern, gil] = await Promise.all([newPerson("fern"), newPerson("gil")]);
}, 300_000);
afterAll(async () => {
	await running?.close();
	await mail?.close();
	await database?.drop();
});

/** Calls as a browser that holds the cookie of an answer. */
function browser(headers: Headers): Call {
	const cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
	return (method, address, options = {}) =>
		anybody(method, address, { ...options, headers: { cookie, "sec-fetch-site": "same-origin", ...options.headers } });
}

async function signIn(email: string, secret = password, more: object = {}) {
	return anybody("POST", "/api/v1/people/sign-in", { body: { email, password: secret, ...more } });
}

interface Someone {
	email: string;
	call: Call;
	tenantId: string;
}

/** Signs up, verifies and signs in. */
async function newPerson(name: string): Promise<Someone> {
	const email = `${name}@example.org`;
	await anybody("POST", "/api/v1/people/sign-up", { body: { email, name, password } });
	const { token } = await mail.next(email);
	expect((await anybody("POST", "/api/v1/people/verify", { body: { token } })).status).toBe(204);
	const answer = await signIn(email);
	expect(answer.status, answer.text).toBe(201);
	return { email, call: browser(answer.headers), tenantId: (answer.body as unknown as { tenant_id: string }).tenant_id };
}

/** Invites and joins as somebody new. */
async function newMember(inviter: Call, name: string, role: string): Promise<{ id: string; email: string; call: Call }> {
	const email = `${name}@example.org`;
	expect((await inviter("POST", "/api/v1/invitations", { body: { email, role } })).status).toBe(201);
	const { token } = await mail.next(email);
	const answer = await anybody("POST", "/api/v1/invitations/join", { body: { token, name, password } });
	expect(answer.status, answer.text).toBe(201);
	const { person } = answer.body as unknown as { person: { id: string } };
	return { id: person.id, email, call: browser(answer.headers) };
}

test("somebody signs up, verifies the address, signs in and owns a free account", async () => {
	const email = "ann@example.org";
	const sent = await anybody("POST", "/api/v1/people/sign-up", { body: { email: "Ann@Example.org", name: "Ann", password } });
	expect([sent.status, sent.body]).toEqual([202, { status: "mailed" }]);
	const { token, text } = await mail.next(email);
	expect(text).toContain(`${running.url}/verify#`);
	expect((await signIn(email)).body).toMatchObject({ status: 403, code: "address_not_verified" });
	expect((await anybody("POST", "/api/v1/people/verify", { body: { token } })).status).toBe(204);
	const answer = await signIn(email);
	expect(answer.body).toMatchObject({
		plan: "free",
		scopes: ["read", "generate", "manage"],
		person: { name: "Ann", email, role: "owner" },
	});
	const header = answer.headers.get("set-cookie") ?? "";
	expect(header).toMatch(/HttpOnly/i);
	expect(header).toMatch(/SameSite=Strict/i);
	const call = browser(answer.headers);
	expect((await call("GET", "/api/v1/account")).body).toMatchObject({ plan: "free" });
	expect((await call("GET", "/api/v1/organisations")).body.data).toMatchObject([{ name: "Ann", role: "owner", active: true }]);
	expect((await call("DELETE", "/api/v1/session")).status).toBe(204);
	expect((await call("GET", "/api/v1/session")).status).toBe(401);
});

test("nothing tells whether an address is known", async () => {
	const { email } = gil;
	const body = { email, name: "Other", password: "six blue kettles" };
	const [known, unknown] = [
		await anybody("POST", "/api/v1/people/sign-up", { body }),
		await anybody("POST", "/api/v1/people/sign-up", { body: { ...body, email: "nobody@example.org" } }),
	];
	expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
	expect((await mail.next(email)).text).toContain("has signed up before");
	for (const address of ["/api/v1/people/forgot", "/api/v1/people/verify/resend"]) {
		const answers = await Promise.all([email, "none@example.org"].map((each) => anybody("POST", address, { body: { email: each } })));
		expect(answers.map((answer) => [answer.status, answer.text])).toEqual([0, 1].map(() => [202, '{"status":"mailed"}']));
	}
	const wrong = await Promise.all([email, "none@example.org"].map((each) => signIn(each, "not the password")));
	expect(wrong.map(({ body: { code, status } }) => [status, code])).toEqual([0, 1].map(() => [401, "sign_in_failed"]));
	// The first password is still the one.
	expect((await signIn(email)).status).toBe(201);
});

test("a forgotten password is chosen anew by a mailed link, once, and every session ends", async () => {
	const { email, call } = await newPerson("bob");
	await anybody("POST", "/api/v1/people/forgot", { body: { email } });
	const { token } = await mail.next(email);
	const reset = (secret: string) => anybody("POST", "/api/v1/people/reset", { body: { token, password: secret } });
	expect((await reset("short")).body).toMatchObject({ code: "invalid_request", errors: [{ path: ["password"] }] });
	expect((await reset("seven slow otters")).status).toBe(204);
	expect((await reset("seven slow snails")).body).toMatchObject({ code: "link_invalid" });
	expect((await call("GET", "/api/v1/session")).status).toBe(401);
	expect((await signIn(email)).body).toMatchObject({ code: "sign_in_failed" });
	expect((await signIn(email, "seven slow otters")).status).toBe(201);
});

test("changing the password needs the old one and ends the other sessions", async () => {
	const { email, call } = await newPerson("cleo");
	const other = browser((await signIn(email)).headers);
	const change = (current: string) => call("POST", "/api/v1/people/password", { body: { current, password: "nine tall poplars" } });
	expect((await change("wrong")).body).toMatchObject({ status: 401, code: "sign_in_failed" });
	expect((await change(password)).status).toBe(204);
	expect((await call("GET", "/api/v1/session")).status).toBe(200);
	expect((await other("GET", "/api/v1/session")).status).toBe(401);
	expect((await signIn(email, "nine tall poplars")).status).toBe(201);
});

test("roles give what they say, from the next request on", async () => {
	const { call: owner } = fern;
	const viewer = await newMember(owner, "viewer", "viewer");
	const may = async () => ({
		look: (await viewer.call("GET", "/api/v1/jobs")).status,
		generate: (await viewer.call("POST", "/api/v1/quotes", { body: { prompt: "a fish" } })).status,
		manage: (await viewer.call("GET", "/api/v1/members")).status,
		operate: (await viewer.call("GET", "/api/v1/workers")).status,
	});
	const become = (role: string) => owner("PATCH", `/api/v1/members/${viewer.id}`, { body: { role } });
	expect(await may()).toEqual({ look: 200, generate: 403, manage: 403, operate: 403 });
	expect((await become("member")).body).toMatchObject({ role: "member" });
	expect(await may()).toEqual({ look: 200, generate: 200, manage: 403, operate: 403 });
	await become("admin");
	expect(await may()).toEqual({ look: 200, generate: 200, manage: 200, operate: 403 });
	// An admin makes no owner, nor touches one.
	expect((await viewer.call("PATCH", `/api/v1/members/${viewer.id}`, { body: { role: "owner" } })).body.code).toBe("forbidden");
	const [first] = (await viewer.call("GET", "/api/v1/members")).body.data;
	expect((await viewer.call("DELETE", `/api/v1/members/${first?.id}`)).body.code).toBe("forbidden");
	expect((await owner("DELETE", `/api/v1/members/${viewer.id}`)).status).toBe(204);
	expect((await viewer.call("GET", "/api/v1/jobs")).status).toBe(401);
});

test("the last owner neither leaves nor is made less, and a second one sets the first free", async () => {
	const { call: owner } = await newPerson("emil");
	const [self] = (await owner("GET", "/api/v1/members")).body.data;
	expect((await owner("POST", "/api/v1/members/leave")).body).toMatchObject({ status: 409, code: "last_owner" });
	expect((await owner("PATCH", `/api/v1/members/${self?.id}`, { body: { role: "viewer" } })).body.code).toBe("last_owner");
	expect((await owner("DELETE", `/api/v1/members/${self?.id}`)).body.code).toBe("last_owner");
	await newMember(owner, "second", "owner");
	expect((await owner("POST", "/api/v1/members/leave")).status).toBe(204);
});

test("a person belongs to several accounts and goes from one to another", async () => {
	const { call, email, tenantId } = fern;
	const { call: other } = gil;
	await other("POST", "/api/v1/invitations", { body: { email, role: "viewer" } });
	const { token } = await mail.next(email);
	expect((await anybody("POST", "/api/v1/invitations/open", { body: { token } })).body).toMatchObject({
		organisation: "gil",
		role: "viewer",
		person_exists: true,
	});
	expect((await anybody("POST", "/api/v1/invitations/join", { body: { token, name: "Fern", password } })).body.code).toBe("person_exists");
	expect((await call("POST", "/api/v1/invitations/accept", { body: { token } })).body).toMatchObject({ scopes: ["read"] });
	expect((await call("POST", "/api/v1/invitations/accept", { body: { token } })).body.code).toBe("link_invalid");
	const list = (await call("GET", "/api/v1/organisations")).body.data as unknown as { name: string; active: boolean }[];
	expect(list.map(({ name, active }) => [name, active])).toEqual([
		["fern", false],
		["gil", true],
	]);
	expect((await call("POST", `/api/v1/organisations/${tenantId}/enter`)).body).toMatchObject({ tenant_id: tenantId });
	expect((await call("POST", "/api/v1/organisations/owner/enter")).body.code).toBe("not_found");
	const made = await call("POST", "/api/v1/organisations", { body: { name: "Fern's studio" }, headers: { "idempotency-key": "one" } });
	const again = await call("POST", "/api/v1/organisations", { body: { name: "Fern's studio" }, headers: { "idempotency-key": "one" } });
	expect([made.status, again.body.id]).toEqual([201, made.body.id]);
});

test("an invitation is for its address alone, and works no longer once it was taken back or sent anew", async () => {
	const { call: owner } = gil;
	const { call: other } = fern;
	const invite = async () => {
		const { body } = await owner("POST", "/api/v1/invitations", { body: { email: "jo@example.org" } });
		return { id: (body as unknown as { invitation: { id: string } }).invitation.id, token: (await mail.next("jo@example.org")).token };
	};
	const [first, second] = [await invite(), await invite()];
	const join = (token: string) => anybody("POST", "/api/v1/invitations/join", { body: { token, name: "Jo", password } });
	expect((await join(first.token)).body.code).toBe("link_invalid");
	expect((await other("POST", "/api/v1/invitations/accept", { body: { token: second.token } })).body.code).toBe("forbidden");
	expect((await other("DELETE", `/api/v1/invitations/${second.id}`)).body.code).toBe("not_found");
	expect((await owner("GET", "/api/v1/invitations")).body.data).toHaveLength(1);
	expect((await owner("DELETE", `/api/v1/invitations/${second.id}`)).status).toBe(204);
	expect((await join(second.token)).body.code).toBe("link_invalid");
});

test("who signed up with somebody else's address does not get into what its owner is invited to", async () => {
	const email = "mallory-target@example.org";
	await anybody("POST", "/api/v1/people/sign-up", { body: { email, name: "Mallory", password: "eight red kettles" } });
	await mail.next(email);
	const { call: owner } = gil;
	await owner("POST", "/api/v1/invitations", { body: { email } });
	const { token } = await mail.next(email);
	expect((await anybody("POST", "/api/v1/invitations/join", { body: { token, name: "Target", password } })).status).toBe(201);
	expect((await signIn(email, "eight red kettles")).body.code).toBe("sign_in_failed");
	expect((await signIn(email)).body).toMatchObject({ person: { name: "Target" } });
});

test("passwords are not guessed: after twenty attempts in an hour an address waits, and the right one does not help", async () => {
	const { email } = await newPerson("lee");
	// One was the right one.
	const answers = await Promise.all(Array.from({ length: 22 }, () => signIn(email, "not the password")));
	const codes = answers.map(({ body }) => body.code);
	expect(codes.filter((code) => code === "sign_in_failed")).toHaveLength(19);
	expect(codes.filter((code) => code === "rate_limited")).toHaveLength(3);
	const refused = await signIn(email);
	expect(refused.body.code).toBe("rate_limited");
	expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a session of a person cannot be used by another site", async () => {
	const { email } = gil;
	const cookie = ((await signIn(email)).headers.get("set-cookie") ?? "").split(";")[0] ?? "";
	const send = (headers: Record<string, string>) =>
		anybody("POST", "/api/v1/keys", { body: { name: "stolen" }, headers: { cookie, ...headers } });
	expect((await send({ origin: "https://evil.test" })).status).toBe(403);
	expect((await send({})).status).toBe(403);
	const login = await anybody("POST", "/api/v1/people/sign-in", { body: { email, password }, headers: { origin: "https://evil.test" } });
	expect(login.status).toBe(403);
});

test("the operator makes an account, invites its first owner and hands the link on without a mail server's help", async () => {
	const made = await operator("POST", "/api/v1/tenants", { body: { name: "Acme", plan: "pro" } });
	expect(made.body).toMatchObject({ name: "Acme", plan: "pro", postpaid: false });
	const invited = await operator("POST", `/api/v1/invitations?tenant=${made.body.id}`, {
		body: { email: "acme@example.org", role: "owner" },
	});
	const { link } = invited.body as unknown as { link: string };
	const answer = await anybody("POST", "/api/v1/invitations/join", { body: { token: link.split("#")[1], name: "Ada", password } });
	expect(answer.body).toMatchObject({ tenant_id: made.body.id, plan: "pro", person: { role: "owner" } });
	const plain = await browser(answer.headers)("POST", "/api/v1/invitations", { body: { email: "bo@example.org" } });
	expect((plain.body as unknown as { link: null }).link).toBeNull();
});

test("admins of the operator's own account operate the server", async () => {
	const admin = await newMember(operator, "root-admin", "admin");
	expect((await admin.call("GET", "/api/v1/workers")).status).toBe(200);
	const member = await newMember(operator, "root-member", "member");
	expect((await member.call("GET", "/api/v1/workers")).status).toBe(403);
});
