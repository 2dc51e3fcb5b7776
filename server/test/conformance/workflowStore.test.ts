import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { picture, shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { maxVersions, maxWorkflows, type Reader, type WorkflowDraft } from "../../src/domain/workflows/workflowStore.ts";
import { newId } from "../../src/newId.ts";
import { openStores } from "../../src/store/openStores.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

const { slug: _slug, version: _version, ...content } = picture;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`workflows in the ${name} database`, () => {
		let stores: TestStores;
		let author: Reader;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		beforeEach(async () => {
			author = await newReader(await newTenant());
		});
		afterAll(() => stores?.close());

		async function newTenant(): Promise<string> {
			const id = newId("ten");
			await stores.accounts.createTenant({ id, name: id, plan: "starter", postpaid: false });
			return id;
		}
		async function newReader(tenantId: string): Promise<Reader & { keyId: string }> {
			const keyId = newId("key");
			const key = { id: keyId, tenantId, name: "test", prefix: "gw_", scopes: [], expiresAt: null, secretHash: newId("hash") };
			await stores.accounts.createKey(key);
			return { tenantId, keyId, userId: null };
		}
		const draft = (slug: string, more: Partial<WorkflowDraft> = {}): WorkflowDraft => ({
			...{ id: newId("wfl"), slug, visibility: "private", link: newId("wfs"), content, digest: "first" },
			...more,
		});
		const save = async (slug: string, more: Partial<WorkflowDraft> = {}, who = author) =>
			(await stores.workflows.save(who, draft(slug, more))).record;

		test("a saved workflow is found by its name and its id, as it was saved", async () => {
			const saved = await save("posters");
			expect(saved).toMatchObject({ tenantId: author.tenantId, visibility: "private", link: null, newest: 1 });
			expect(saved.workflow).toEqual({ ...picture, slug: "posters", version: 1 });
			expect(await stores.workflows.find(author, "posters")).toEqual(saved);
			expect(await stores.workflows.find(author, saved.id)).toEqual(saved);
			expect(await stores.workflows.find(author, "posters", 2)).toBeNull();
		});

		test("saving the same again changes nothing; other content is the next version, and the earlier one stays", async () => {
			const first = await save("posters");
			const again = await stores.workflows.save(author, draft("posters"));
			expect(again).toEqual({ record: first, isNew: false });
			const second = await save("posters", { digest: "second", content: { ...content, title: "Second" } });
			expect(second).toMatchObject({ id: first.id, newest: 2, workflow: { version: 2, title: "Second" } });
			expect((await stores.workflows.find(author, "posters", 1))?.workflow).toEqual(first.workflow);
			expect(await stores.workflows.exactly(first.id, 1)).toEqual(first.workflow);
			expect((await stores.workflows.versions(first.id)).map(({ version }) => version)).toEqual([2, 1]);
		});

		test("versions saved at once get numbers of their own", async () => {
			const titles = ["a", "b", "c", "d", "e"];
			await Promise.all(titles.map((title) => save("posters", { digest: title, content: { ...content, title } })));
			const found = await stores.workflows.find(author, "posters");
			expect(found?.newest).toBe(5);
			const kept = await Promise.all([1, 2, 3, 4, 5].map((version) => stores.workflows.exactly(found?.id ?? "", version)));
			expect(kept.map((entry) => entry?.title).toSorted()).toEqual(titles);
		});

		test("another account sees none of it, whatever it asks", async () => {
			const { id } = await save("posters", { visibility: "organisation" });
			const stranger = await newReader(await newTenant());
			for (const asked of ["posters", id]) expect(await stores.workflows.find(stranger, asked)).toBeNull();
			expect(await stores.workflows.list(stranger, { limit: 10, before: null })).toEqual({ records: [], next: null });
			await expect(stores.workflows.share(stranger, id, "link", "x")).rejects.toMatchObject({ code: "not_found" });
			await expect(stores.workflows.archive(stranger, id)).rejects.toMatchObject({ code: "not_found" });
			expect((await save("posters", {}, stranger)).id).not.toBe(id);
		});

		test("a private one is for the key that saved it, and for the whole account once that key is gone", async () => {
			const { id } = await save("posters");
			const colleague = await newReader(author.tenantId);
			expect(await stores.workflows.find(colleague, id)).toBeNull();
			await expect(save("posters", { digest: "other" }, colleague)).rejects.toMatchObject({ code: "workflow_name_taken" });
			expect(await stores.workflows.find({ tenantId: author.tenantId, keyId: null, userId: null }, id)).not.toBeNull();
			await stores.accounts.revokeKey(author.tenantId, author.keyId ?? "");
			expect((await stores.workflows.find(colleague, "posters"))?.id).toBe(id);
		});

		test("what a person saved in private is theirs for as long as they belong to the account", async () => {
			const userId = newId("usr");
			await stores.database.query(sql`insert into people (id, name, email) values (${userId}, 'Ann', ${userId})`);
			await stores.database.query(sql`insert into members (tenant_id, user_id, role) values (${author.tenantId}, ${userId}, 'member')`);
			const person = { tenantId: author.tenantId, keyId: null, userId };
			const { id } = await save("posters", {}, person);
			expect(await stores.workflows.find(author, id)).toBeNull();
			expect(await stores.workflows.find({ ...person, userId: newId("usr") }, id)).toBeNull();
			expect(await stores.workflows.find(person, id)).not.toBeNull();
			await stores.database.query(sql`delete from members where user_id = ${userId}`);
			expect(await stores.workflows.find(author, id)).not.toBeNull();
		});

		test("one shared with the organisation is for every key of the account", async () => {
			const { id } = await save("posters");
			await stores.workflows.share(author, id, "organisation", "unused");
			const colleague = await newReader(author.tenantId);
			expect((await stores.workflows.find(colleague, "posters"))?.id).toBe(id);
			expect((await save("posters", { digest: "theirs" }, colleague)).newest).toBe(2);
		});

		test("whoever has the link finds it, until it is shared no longer", async () => {
			const { id } = await save("posters");
			const shared = await stores.workflows.share(author, id, "link", newId("wfs"));
			const stranger = await newReader(await newTenant());
			const link = shared.link ?? "";
			expect(await stores.workflows.find(stranger, link)).toMatchObject({ id, link: null });
			expect(await stores.workflows.find(stranger, "posters")).toBeNull();
			expect((await stores.workflows.share(author, id, "link", newId("wfs"))).link).toBe(link);
			expect(await stores.workflows.again(stranger, id, 1)).toMatchObject({ id, workflow: { version: 1 } });
			await stores.workflows.share(author, id, "private", "unused");
			expect(await stores.workflows.find(stranger, link)).toBeNull();
			expect(await stores.workflows.again(stranger, id, 1)).toBeNull();
			expect(await stores.workflows.again(author, id, 1)).toMatchObject({ id });
			expect((await stores.workflows.share(author, id, "link", newId("wfs"))).link).not.toBe(link);
		});

		test("an archived one is found by nobody, frees its name, and its versions stay for jobs", async () => {
			const { id, workflow } = await save("posters");
			const { link } = await stores.workflows.share(author, id, "link", newId("wfs"));
			await stores.workflows.archive(author, id);
			for (const asked of ["posters", id, link ?? ""]) expect(await stores.workflows.find(author, asked)).toBeNull();
			expect(await stores.workflows.again(author, id, 1)).toBeNull();
			expect(await stores.workflows.exactly(id, 1)).toEqual(workflow);
			await expect(stores.workflows.archive(author, id)).rejects.toMatchObject({ code: "not_found" });
			expect(await save("posters")).toMatchObject({ newest: 1 });
		});

		test("they are listed newest first, page by page, each once", async () => {
			const ids: string[] = [];
			for (const slug of ["one", "two", "three", "four", "five"]) ids.push((await save(slug)).id);
			const seen: string[] = [];
			let before: string | null = null;
			do {
				const page = await stores.workflows.list(author, { limit: 2, before });
				seen.push(...page.records.map((record) => record.id));
				before = page.next;
			} while (before !== null);
			expect(seen).toEqual(ids.toReversed());
		});

		test("an account has at most so many workflows, and a workflow so many versions", async () => {
			const { id } = await save("posters");
			await stores.database.query(sql`insert into workflow_versions (workflow_id, version, digest, content)
				select ${id}, n, n::text, '{}'::json from generate_series(2, ${maxVersions}) n`);
			await stores.database.query(sql`update workflows set newest = ${maxVersions} where id = ${id}`);
			await expect(save("posters", { digest: "one more" })).rejects.toMatchObject({ code: "workflow_limit", data: { max: maxVersions } });
			await stores.database.query(sql`insert into workflows (id, tenant_id, slug, visibility, newest)
				select ${id} || n, ${author.tenantId}, 'w' || n, 'private', 1 from generate_series(2, ${maxWorkflows}) n`);
			await expect(save("another")).rejects.toMatchObject({ code: "workflow_limit", data: { max: maxWorkflows } });
		});

		test("those that ship are everyone's, and no account's workflow takes their name", async () => {
			expect(await stores.workflows.find(author, "picture")).toMatchObject({ id: "picture", tenantId: null, workflow: picture });
			expect(await stores.workflows.find(author, "picture", 99)).toBeNull();
			await save("picture", { content: { ...content, title: "Mine" } });
			expect((await stores.workflows.find(author, "picture"))?.tenantId).toBeNull();
		});

		test("another server on the same database finds a version that it never saw", async () => {
			const { id, workflow } = await save("posters");
			const options = { workflows: shippedWorkflows, liveForMs: 600_000, leaseMs: 600_000, pools: [] };
			expect(await (await openStores(stores.database, options)).workflows.exactly(id, 1)).toEqual(workflow);
		});
	});
}
