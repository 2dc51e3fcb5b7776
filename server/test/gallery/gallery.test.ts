import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PictureFilter } from "../../src/domain/gallery/gallery.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

const anything: PictureFilter = { words: null, starred: null, board: null, model: null };

for (const { name, present, open } of storeKinds)
	describe.skipIf(!present)(`the gallery in the ${name} database`, () => {
		let stores: TestStores;
		let tenantId: string;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		}, 180_000);
		beforeEach(async () => {
			tenantId = newId("ten");
			await stores.accounts.createTenant({ id: tenantId, name: tenantId, plan: "pro", postpaid: false });
		});
		afterAll(() => stores?.close());

		/** A job whose pictures are finished one after the other. */
		async function make(prompt: string, { pictures = 1, model = "m" } = {}): Promise<string> {
			const id = newId("job");
			await stores.database.query(sql`insert into jobs (id, tenant_id, status, workflow, workflow_version, model, plan, weight, request, metadata, quote, held_micro_usd)
				values (${id}, ${tenantId}, 'succeeded', 'picture', 1, ${model}, 'pro', 3, jsonb_build_object('prompt', ${prompt}::text), '{}', '{}', 0)`);
			for (let n = 0; n < pictures; n++) {
				await stores.database.query(sql`insert into image_runs (job_id, index, tenant_id, seed) values (${id}, ${n}, ${tenantId}, 1)`);
				await stores.database.query(sql`update image_runs set status = 'succeeded' where job_id = ${id} and index = ${n}`);
			}
			return id;
		}

		async function found(filter: Partial<PictureFilter> = {}, limit = 100): Promise<string[]> {
			const names: string[] = [];
			let before: string | null = null;
			do {
				const page = await stores.gallery.list(tenantId, { ...anything, ...filter }, { limit, before });
				names.push(...page.pictures.map(({ jobId, n }) => `${jobId} ${n}`));
				before = page.next;
			} while (before !== null);
			return names;
		}

		test("pictures come newest first, page by page, each once, though the last one of a page is deleted meanwhile", async () => {
			const [first, second] = [await make("one", { pictures: 3 }), await make("two", { pictures: 2 })];
			const order = [`${second} 1`, `${second} 0`, `${first} 2`, `${first} 1`, `${first} 0`];
			expect(await found()).toEqual(order);
			expect(await found({}, 2)).toEqual(order);
			const { next } = await stores.gallery.list(tenantId, anything, { limit: 2, before: null });
			await stores.stored.deleteImage(tenantId, second, 0);
			const rest = await stores.gallery.list(tenantId, anything, { limit: 9, before: next });
			expect(rest.pictures.map(({ n }) => n)).toEqual([2, 1, 0]);
		});

		test("what has not been finished, failed or belongs to others is not in it", async () => {
			const job = await make("one", { pictures: 2 });
			await stores.database.query(
				sql`insert into image_runs (job_id, index, tenant_id, seed, status) values (${job}, 7, ${tenantId}, 1, 'failed')`,
			);
			const mine = tenantId;
			tenantId = newId("ten");
			await stores.accounts.createTenant({ id: tenantId, name: tenantId, plan: "pro", postpaid: false });
			expect(await found()).toEqual([]);
			expect(await stores.gallery.missing(tenantId, [{ jobId: job, n: 0 }])).toHaveLength(1);
			await expect(stores.gallery.change(tenantId, [{ jobId: job, n: 0 }], { starred: true })).rejects.toMatchObject({
				code: "not_found",
				fields: [{ path: ["pictures", 0] }],
			});
			tenantId = mine;
			expect(await found({ starred: true })).toEqual([]);
		});

		test.each([
			["red fox", ["fox"]],
			["FOX", ["fox", "foxglove"]],
			["fox", ["fox", "foxglove"]],
			["glo", ["boot"]],
			["wellington-boot", ["boot"]],
			["3d", ["boot"]],
			["it's", ["boot"]],
			["Schöne", ["boot"]],
			["purple", []],
			["'; drop table boards --", []],
			["!!!", []],
		])("%s finds what has all of its words, or longer ones that begin so", async (words, expected) => {
			const prompts = { fox: "A red fox, at dawn", foxglove: "foxgloves (purpur)", boot: "a glossy wellington-boot, 3d; it's schöne" };
			const ids = new Map<string, string>();
			for (const [name, prompt] of Object.entries(prompts)) ids.set(`${await make(prompt)} 0`, name);
			const names = (await found({ words })).map((each) => ids.get(each) ?? each);
			expect(names.toSorted()).toEqual(expected.toSorted());
		});

		test.each([
			["東京タワー", ["tower"]],
			["京タ", ["tower"]],
			["タワー", ["tower"]],
			["塔", ["temple"]],
			["夜 赤い", ["tower"]],
			["赤夜", []],
			["fox 狐", ["fox"]],
			["狐fo", ["fox"]],
			["여우", ["korean"]],
			["々", ["temple"]],
		])("%s is found inside of prompts without blanks", async (words, expected) => {
			const prompts = { tower: "夜の東京タワー、赤い光", temple: "人々と五重塔", fox: "一匹の狐fox in snow", korean: "눈속의붉은여우" };
			const ids = new Map<string, string>();
			for (const [name, prompt] of Object.entries(prompts)) ids.set(`${await make(prompt)} 0`, name);
			expect((await found({ words })).map((each) => ids.get(each))).toEqual(expected);
		});

		test("stars, boards and the model narrow it down, and together", async () => {
			const [fox, owl] = [await make("fox", { pictures: 2, model: "big" }), await make("owl")];
			await stores.gallery.change(tenantId, [{ jobId: fox, n: 1 }], { starred: true });
			const { id: board } = await stores.gallery.createBoard({ id: newId("board"), tenantId, name: "Night" });
			await stores.gallery.change(
				tenantId,
				[
					{ jobId: fox, n: 1 },
					{ jobId: owl, n: 0 },
				],
				{ addTo: board },
			);
			expect(await found({ starred: true })).toEqual([`${fox} 1`]);
			expect(await found({ starred: false })).toEqual([`${owl} 0`, `${fox} 0`]);
			expect(await found({ board })).toEqual([`${owl} 0`, `${fox} 1`]);
			expect(await found({ model: "big", board, starred: true, words: "fo" })).toEqual([`${fox} 1`]);
			const { pictures } = await stores.gallery.list(tenantId, { ...anything, board, words: "fox" }, { limit: 9, before: null });
			expect(pictures).toMatchObject([{ starred: true, boards: [board] }]);
			// Again, and taken away: neither is an error.
			await stores.gallery.change(tenantId, [{ jobId: owl, n: 0 }], { addTo: board, starred: false });
			await stores.gallery.change(tenantId, [{ jobId: owl, n: 0 }], { removeFrom: board });
			await stores.gallery.change(tenantId, [{ jobId: owl, n: 0 }], { removeFrom: board });
			expect(await found({ board })).toEqual([`${fox} 1`]);
		});

		test("a change is made to all that are named or to none", async () => {
			const fox = await make("fox");
			const gone = { jobId: "job_gone", n: 0 };
			await expect(stores.gallery.change(tenantId, [{ jobId: fox, n: 0 }, gone], { starred: true })).rejects.toMatchObject({
				fields: [{ path: ["pictures", 1] }],
			});
			expect(await found({ starred: true })).toEqual([]);
		});

		test("a deleted picture leaves star and boards, a deleted board leaves its pictures", async () => {
			const fox = await make("fox", { pictures: 2 });
			const both = [0, 1].map((n) => ({ jobId: fox, n }));
			const { id: board } = await stores.gallery.createBoard({ id: newId("board"), tenantId, name: "B" });
			const { id: other } = await stores.gallery.createBoard({ id: newId("board"), tenantId, name: "a" });
			await stores.gallery.change(tenantId, both, { starred: true, addTo: board });
			await stores.gallery.change(tenantId, both, { addTo: other });
			expect((await stores.gallery.boards(tenantId)).map(({ name, pictures }) => [name, pictures])).toEqual([
				["a", 2],
				["B", 2],
			]);
			await stores.stored.deleteImage(tenantId, fox, 0);
			expect((await stores.gallery.boards(tenantId)).map(({ pictures }) => pictures)).toEqual([1, 1]);
			expect(await found({ starred: true })).toEqual([`${fox} 1`]);
			await stores.gallery.deleteBoard(tenantId, board);
			expect(await found()).toEqual([`${fox} 1`]);
			await stores.stored.deleteJob(tenantId, fox);
			expect(await found()).toEqual([]);
			const left = await stores.database.query(sql`select 1 from board_pictures where job_id = ${fox}
				union all select 1 from image_runs where job_id = ${fox} and (starred_at is not null or words is not null)`);
			expect(left).toEqual([]);
		});

		test("boards of others are not there, and their number has an end", async () => {
			const { id } = await stores.gallery.createBoard({ id: newId("board"), tenantId, name: "mine" });
			expect(await stores.gallery.renameBoard(tenantId, id, "ours")).toMatchObject({ name: "ours", pictures: 0 });
			for (const attempt of [
				() => stores.gallery.renameBoard("owner", id, "theirs"),
				() => stores.gallery.deleteBoard("owner", id),
				() => stores.gallery.list("owner", { ...anything, board: id }, { limit: 1, before: null }),
			])
				await expect(attempt()).rejects.toMatchObject({ code: "not_found" });
			await stores.database.query(
				sql`insert into boards (id, tenant_id, name) select ${tenantId} || n, ${tenantId}, 'x' from generate_series(1, 499) n`,
			);
			await expect(stores.gallery.createBoard({ id: newId("board"), tenantId, name: "more" })).rejects.toMatchObject({
				code: "board_limit",
			});
		});
	});
