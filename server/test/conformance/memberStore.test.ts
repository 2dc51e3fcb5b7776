import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Identity } from "../../src/domain/people/identity.ts";
import type { Role } from "../../src/domain/people/role.ts";
import { newId } from "../../src/newId.ts";
import { findMissingTables } from "../../src/people/findMissingTables.ts";
import { createIdentity } from "../../src/people/identity.ts";
import { poolOver } from "../../src/store/poolOver.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

const asOwner = { isOverOwners: true };
const asAdmin = { isOverOwners: false };

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`people in the ${name} database`, () => {
		let stores: TestStores;
		let identity: Identity;
		let tenantId: string;
		const parts = () => ({
			pool: poolOver(stores.database),
			...{ secret: "s".repeat(32), newId, publicUrl: () => "http://here", sessionTtlMs: 60_000 },
			mailer: { send: async () => {}, close: async () => {} },
			log: { info() {}, warn() {}, error() {} },
		});

		beforeAll(async () => {
			stores = await open([]);
			identity = createIdentity(parts());
		});
		afterAll(() => stores?.close());
		beforeEach(async () => {
			tenantId = newId("ten");
			await stores.accounts.createTenant({ id: tenantId, name: "Acme", plan: "starter", postpaid: false });
		});

		const newPerson = async () => {
			const id = newId("usr");
			await stores.database.query(
				sql`insert into people (id, name, email, email_verified) values (${id}, 'P', ${`${id}@example.org`}, true)`,
			);
			return id;
		};
		const invite = async (role: Role, email = `${newId("a")}@example.org`, standing = asOwner) => {
			const tokenHash = newId("hash");
			const expiresAt = new Date(Date.now() + 60_000);
			const made = await stores.members.invite(
				{ id: newId("inv"), tenantId, email, role, tokenHash, invitedBy: null, expiresAt },
				standing,
			);
			return { ...made, tokenHash };
		};
		const join = async (role: Role) => {
			const userId = await newPerson();
			await stores.members.accept((await invite(role)).tokenHash, userId);
			return userId;
		};

		test("better-auth finds every table and column it needs", async () => {
			expect(await findMissingTables(parts())).toEqual([]);
		});

		test("of two owners who leave at the same moment one stays", async () => {
			const owners = [await join("owner"), await join("owner")];
			const outcomes = await Promise.allSettled(owners.map((userId) => stores.members.remove(tenantId, userId, asOwner)));
			expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
			expect((await stores.members.list(tenantId, { limit: 10, before: null })).members).toMatchObject([{ role: "owner" }]);
		});

		test("of two owners who are made less at the same moment one stays owner", async () => {
			const owners = [await join("owner"), await join("owner")];
			const outcomes = await Promise.allSettled(owners.map((userId) => stores.members.setRole(tenantId, userId, "viewer", asOwner)));
			expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "last_owner" } }]);
		});

		test("an invitation makes one member, however many use it at once", async () => {
			const { tokenHash } = await invite("member");
			const people = await Promise.all([newPerson(), newPerson(), newPerson()]);
			const outcomes = await Promise.allSettled(people.map((userId) => stores.members.accept(tokenHash, userId)));
			expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
			expect((await stores.members.list(tenantId, { limit: 10, before: null })).members).toHaveLength(1);
		});

		test("the first owner may be named by whoever manages the account, the next only by an owner", async () => {
			await stores.members.accept((await invite("owner", "first@example.org", asAdmin)).tokenHash, await newPerson());
			await expect(invite("owner", "next@example.org", asAdmin)).rejects.toMatchObject({ code: "forbidden" });
			await invite("owner", "next@example.org", asOwner);
		});

		test("an invitation never makes a member less than they are", async () => {
			const userId = await join("owner");
			const { tokenHash } = await invite("viewer");
			await stores.members.accept(tokenHash, userId);
			expect(await stores.members.roleOf(tenantId, userId)).toBe("owner");
		});

		test("people are listed page by page in the order they joined", async () => {
			const joined = [await join("owner"), await join("member"), await join("viewer")];
			const first = await stores.members.list(tenantId, { limit: 2, before: null });
			const rest = await stores.members.list(tenantId, { limit: 2, before: first.next });
			expect([...first.members, ...rest.members].map(({ userId }) => userId)).toEqual(joined);
			expect(rest.next).toBeNull();
		});

		test("a session is known by its hash, has the role of the moment, and ends with the membership", async () => {
			const userId = await join("owner");
			await join("owner");
			const token = await identity.startSession(userId);
			await stores.members.openSession({ token, tokenHash: "hash of the token", userId, tenantId: null });
			const rows = await stores.database.query(sql`select 1 from sessions where token_hash = ${token}`);
			expect(rows).toEqual([]);
			const find = () => stores.accounts.findBySessionHash("hash of the token");
			expect(await find()).toEqual({ tenantId, plan: "starter", keyId: null, userId, scopes: ["read", "generate", "manage"] });
			await stores.members.setRole(tenantId, userId, "viewer", asOwner);
			expect((await find())?.scopes).toEqual(["read"]);
			await stores.members.remove(tenantId, userId, asOwner);
			expect(await find()).toBeNull();
			await expect(
				stores.members.openSession({ token: await identity.startSession(userId), tokenHash: "another", userId, tenantId: null }),
			).rejects.toMatchObject({ code: "no_account" });
			expect(await stores.database.query(sql`select 1 from sessions where user_id = ${userId}`)).toEqual([]);
		});

		test("a person who makes accounts at the same moment owns no more than they may", async () => {
			const userId = await newPerson();
			const outcomes = await Promise.allSettled(
				[1, 2, 3, 4].map((n) => stores.members.found(userId, { id: newId("ten"), name: `A${n}`, plan: "free" }, 2)),
			);
			expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
		});

		test("somebody who signs up is there wholly or not at all, and is not told apart from who was there", async () => {
			const email = `${newId("a")}@example.org`;
			await Promise.all([1, 2].map(() => identity.signUp({ email, name: "Ann", password: "seven slow otters" }).catch(() => {})));
			const rows = await stores.database.query(
				sql`select p.id from people p join credentials c on c.user_id = p.id where p.email = ${email}`,
			);
			expect(rows).toHaveLength(1);
		});

		test("keys are noted as used once a minute at most", async () => {
			const id = newId("key");
			const key = { id, tenantId, name: "k", prefix: "gw_", scopes: [], expiresAt: null, secretHash: id };
			await stores.accounts.createKey(key);
			expect((await stores.accounts.getKey(tenantId, id)).lastUsedAt).toBeNull();
			stores.lastUse.note(id);
			await stores.lastUse.write();
			const { lastUsedAt } = await stores.accounts.getKey(tenantId, id);
			expect(lastUsedAt).toBeInstanceOf(Date);
			stores.lastUse.note(id);
			await stores.lastUse.write();
			expect((await stores.accounts.getKey(tenantId, id)).lastUsedAt).toEqual(lastUsedAt);
		});
	});
}
