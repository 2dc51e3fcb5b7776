import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usualSettings } from "../../src/domain/engines/engineSettings.ts";
import type { EngineRecord } from "../../src/domain/engines/engineStore.ts";
import { noTraits } from "../../src/domain/engines/traits.ts";
import { newId } from "../../src/newId.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";

describe.each(storeKinds)("engines and nodes, $name", ({ present, open }) => {
	describe.skipIf(!present)("", () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open([]);
		});
		afterAll(() => stores?.close());

		const add = (over: Partial<EngineRecord> = {}) =>
			stores.engines.add({
				...{
					id: newId("eng"),
					kind: "comfyui" as const,
					name: "one",
					url: `http://${newId("host")}:8188`,
					headers: {},
					settings: usualSettings,
				},
				...over,
			});

		it("an engine is kept with its headers and found again until it is removed", async () => {
			const added = await add({
				headers: { authorization: "Bearer x" },
				settings: { controlNets: true, silentMs: 300_000, maxRunMs: null },
			});
			expect(await stores.engines.get(added.id)).toEqual(added);
			expect(await stores.engines.list()).toContainEqual(added);
			await stores.engines.remove(added.id);
			await expect(stores.engines.get(added.id)).rejects.toMatchObject({ code: "not_found" });
			await expect(stores.engines.remove(added.id)).rejects.toMatchObject({ code: "not_found" });
		});

		it("one address is registered once", async () => {
			const { url } = await add();
			await expect(add({ url })).rejects.toMatchObject({ code: "engine_exists" });
		});

		it("one process at a time drives an engine, and another takes over what it let go or what it no longer holds", async () => {
			const { id } = await add();
			const idsOf = async (holder: string, forMs: number) => (await stores.engines.hold(holder, forMs)).map((each) => each.id);
			expect(await idsOf("a", 600_000)).toContain(id);
			expect(await idsOf("a", 600_000)).toContain(id);
			expect(await idsOf("b", 600_000)).not.toContain(id);
			await stores.engines.letGo("b");
			expect(await idsOf("b", 600_000)).not.toContain(id);
			await stores.engines.letGo("a");
			expect(await idsOf("b", -1)).toContain(id);
			expect(await idsOf("a", 600_000)).toContain(id);
		});

		it("of many processes that ask at once, one gets it", async () => {
			await stores.engines.letGo("a");
			const { id } = await add();
			const asked = await Promise.all(Array.from({ length: 8 }, (_, at) => stores.engines.hold(`p${at}`, 600_000)));
			expect(asked.filter((held) => held.some((each) => each.id === id))).toHaveLength(1);
		});

		it("what live workers can do in detail is known by pool, and both workers' abilities together", async () => {
			const pool = newId("pool");
			const join = async (loras: string[]) => {
				const { id } = await stores.workers.create({
					id: newId("wrk"),
					name: "w",
					kind: "local",
					pools: [pool],
					allowed: null,
					tokenHash: null,
				});
				const traits = { "generate:sdxl": { ...noTraits, loras, imageToImage: true } };
				await stores.workers.seen(id, { capabilities: ["generate:sdxl", "encode:standard"], traits, loadedModel: null, slots: 1 });
			};
			await join(["ink"]);
			await join(["clay"]);
			const offered = (await stores.workers.live(600_000)).get(pool);
			expect(offered?.get("generate:sdxl")).toEqual({ ...noTraits, loras: ["ink", "clay"], imageToImage: true });
			expect(offered?.get("encode:standard")).toEqual(noTraits);
		});

		it("nodes are those of live workers, with the choices of all of them", async () => {
			const nodes = (files: string[]) => ({ Loader: { input: { required: { file: [files] } }, output: ["MODEL"] } });
			const join = async (digest: string, files: string[]) => {
				expect(await stores.nodes.has(digest)).toBe(false);
				await stores.nodes.put(digest, nodes(files));
				expect(await stores.nodes.has(digest)).toBe(true);
				const { id } = await stores.workers.create({
					id: newId("wrk"),
					name: "w",
					kind: "local",
					pools: ["gpu"],
					allowed: null,
					tokenHash: null,
				});
				await stores.workers.seen(id, { capabilities: ["graph:comfyui"], loadedModel: null, slots: 1, nodesDigest: digest });
				return id;
			};
			expect(await stores.nodes.catalogue()).toBeNull();
			const first = await join("a".repeat(64), ["one"]);
			expect((await stores.nodes.catalogue())?.get("Loader")?.inputs[0]?.options).toEqual(["one"]);
			await join("b".repeat(64), ["one", "two"]);
			expect((await stores.nodes.catalogue())?.get("Loader")?.inputs[0]?.options).toEqual(["one", "two"]);
			await stores.workers.remove(first);
			expect((await stores.nodes.catalogue())?.get("Loader")?.inputs[0]?.options).toEqual(["one", "two"]);
		});
	});
});
