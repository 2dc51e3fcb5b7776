/** Workers that share a capability and not all that can be done with it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiGraph } from "../../src/domain/engines/apiGraph.ts";
import { noTraits } from "../../src/domain/engines/traits.ts";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { WorkerOffer } from "../../src/domain/jobs/workerStore.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Capability } from "../../src/domain/ports.ts";
import { graphRequires } from "../../src/domain/workflows/comfy/graphNeeds.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { drawOnly, setUpBench, type Workbench } from "../support/workbench.ts";

describe.each(storeKinds)("what a step requires, $name", ({ present, open }) => {
	describe.skipIf(!present)("", () => {
		let stores: TestStores;
		let bench: Workbench;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
			bench = await setUpBench(stores);
		});
		afterAll(() => stores?.close());

		const submit = async (requires: string[] | null) => {
			const draft = bench.draft({ steps: drawOnly });
			const runs = draft.runs.map((run) => ({ ...run, tasks: run.tasks.map((task) => ({ ...task, requires })) }));
			const job = await stores.jobs.submit({ ...draft, runs });
			if (!job) throw new Error("not taken");
			return job;
		};
		interface Joining extends Partial<Pick<WorkerOffer, "nodesDigest">> {
			pool: string;
			capabilities: Capability[];
			loras?: string[];
			loaded?: string;
		}
		const join = async ({ pool, capabilities, loras = [], loaded = "", nodesDigest = null }: Joining) => {
			const { id } = await stores.workers.create({
				...{ id: newId("wrk"), name: "w", kind: "local", pools: [pool], allowed: null, tokenHash: null },
			});
			const traits = Object.fromEntries(capabilities.map((capability) => [capability, { ...noTraits, loras }]));
			await stores.workers.seen(id, { capabilities, traits, loadedModel: loaded || null, slots: 1, nodesDigest });
			return id;
		};
		const claimAs = async (loras: string[]) => {
			const capabilities = [bench.capability("generate"), `generate:${newId("m")}` as const];
			const id = await join({ pool: bench.pool, capabilities, loras });
			const claimed = await stores.jobs.claim({ workerId: id, pool: bench.pool, capabilities, loadedModel: null, slots: 1 });
			return claimed.map(({ jobId }) => jobId);
		};

		it("is handed only to a worker that can, and what is behind it in line to one that cannot", async () => {
			const inked = await submit(["lora:ink"]);
			const plain = await submit(null);
			expect(inked.runs[0]?.tasks[0]?.requires).toEqual(["lora:ink"]);
			expect(await claimAs(["clay"])).toEqual([plain.id]);
			expect(await claimAs(["clay"])).toEqual([]);
			expect(await claimAs(["clay", "ink"])).toEqual([inked.id]);
		});

		it("is named as what keeps the job waiting while nobody alive can", async () => {
			const job = await submit(["lora:paper", "net:lines"]);
			const read = await stores.jobs.get(bench.tenantId, job.id);
			expect(read?.runs[0]?.tasks[0]?.requires).toEqual(["lora:paper", "net:lines"]);
			const waiting = (await stores.jobs.waiting([job])).get(job.id);
			expect(waiting?.reason).toMatchObject({
				code: "no_capable_worker",
				data: { missing: "ability", requires: ["lora:paper", "net:lines"] },
			});
			expect(waiting?.reason?.help.operator).toContain("missing LoRAs: paper; ControlNets: lines");
		});

		it("is told of before it is asked for: nobody, no model, nothing that can, or not all of it at once", async () => {
			const { pool, capability } = { pool: newId("pool"), capability: `generate:${newId("m")}` as const };
			await stores.database.query(sql`insert into pools (id) values (${pool})`);
			const ask = async (requires: string[] | null) => (await stores.workers.shortfalls([{ pool, capability, requires }], 600_000))[0];
			expect(await ask(null)).toEqual({ missing: "worker", lacking: [] });
			await join({ pool, capabilities: [`generate:${newId("m")}`] });
			expect(await ask(null)).toEqual({ missing: "model", lacking: [] });
			const [ink] = [
				await join({ pool, capabilities: [capability], loras: ["ink"] }),
				await join({ pool, capabilities: [capability], loras: ["clay"] }),
			];
			expect(await ask(null)).toBeNull();
			expect(await ask(["lora:ink"])).toBeNull();
			expect(await ask(["lora:ink", "lora:paper"])).toEqual({ missing: "ability", lacking: ["lora:paper"] });
			expect(await ask(["lora:ink", "lora:clay"])).toEqual({ missing: "ability", lacking: [] });
			await stores.workers.remove(ink);
			expect(await ask(["lora:ink"])).toEqual({ missing: "ability", lacking: ["lora:ink"] });
		});

		const submitGraph = async (graph: ApiGraph) => {
			const draft = bench.draft({ steps: drawOnly });
			const asGraph = {
				kind: "graph" as const,
				model: "comfyui",
				capability: "graph:comfyui" as const,
				requires: graphRequires(graph, null),
			};
			const runs = draft.runs.map((run) => ({ ...run, tasks: run.tasks.map((task) => ({ ...task, ...asGraph })) }));
			const job = await stores.jobs.submit({ ...draft, runs });
			if (!job) throw new Error("not taken");
			return job;
		};

		it("of a graph is every node class and file, and names what nobody has", async () => {
			const loader = (files: string[]) => ({ input: { required: { ckpt_name: [files] } }, output: ["MODEL"] });
			const blur = { input: { required: { image: ["IMAGE"] } }, output: ["IMAGE"] };
			const joinWith = async (nodes: JsonObject) => {
				const digest = newId("digest");
				await stores.nodes.put(digest, nodes);
				return join({ pool: bench.pool, capabilities: ["graph:comfyui"], nodesDigest: digest });
			};
			const claim = async (workerId: string) =>
				(await stores.jobs.claim({ workerId, pool: bench.pool, capabilities: ["graph:comfyui"], loadedModel: null, slots: 1 })).map(
					({ jobId }) => jobId,
				);
			const graph: ApiGraph = {
				"1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "ours.safetensors" } },
				"2": { class_type: "RareBlur", inputs: { image: ["1", 0] } },
			};
			const plain = await joinWith({ CheckpointLoaderSimple: loader(["ours.safetensors", "other.safetensors"]) });
			const fileless = await joinWith({ CheckpointLoaderSimple: loader(["other.safetensors"]), RareBlur: blur });
			const job = await submitGraph(graph);
			expect([await claim(plain), await claim(fileless)]).toEqual([[], []]);
			// Between them they have it all, but no one of them.
			expect((await stores.jobs.waiting([job])).get(job.id)?.reason).toMatchObject({
				code: "no_capable_worker",
				data: { missing: "ability", requires: ["node:CheckpointLoaderSimple", "node:RareBlur", "file:ours.safetensors"] },
			});
			await stores.workers.remove(fileless);
			const reason = (await stores.jobs.waiting([job])).get(job.id)?.reason;
			expect(reason).toMatchObject({ code: "no_capable_worker", data: { missing: "ability", requires: ["node:RareBlur"] } });
			expect(reason?.help.operator).toContain("missing nodes: RareBlur");
			const able = await joinWith({ CheckpointLoaderSimple: loader(["ours.safetensors"]), RareBlur: blur });
			expect([await claim(plain), await claim(able)]).toEqual([[], [job.id]]);
		});

		it("and ran out of memory on one worker is left to another as long as one lives, and tried there again when none does", async () => {
			const model = newId("m");
			const capability = `generate:${model}` as const;
			const request = { pool: bench.pool, capabilities: [capability], loadedModel: null, slots: 1 };
			const [small, large] = [
				await join({ pool: bench.pool, capabilities: [capability] }),
				await join({ pool: bench.pool, capabilities: [capability] }),
			];
			const job = await stores.jobs.submit(bench.draft({ steps: drawOnly, model, maxAttempts: 9 }));
			const fail = async (workerId: string, code: "out_of_memory" | "internal") => {
				const [claimed] = await stores.jobs.claim({ workerId, ...request });
				expect(claimed?.jobId).toBe(job?.id);
				if (claimed)
					await stores.jobs.finish(claimed.lease, { kind: "failed", failure: { code, message: "" }, retryable: true, delayMs: 0 });
			};
			const claim = async (workerId: string) => (await stores.jobs.claim({ workerId, ...request })).map(({ jobId }) => jobId);
			await fail(small, "internal");
			await fail(small, "out_of_memory");
			expect(await claim(small)).toEqual([]);
			await fail(large, "out_of_memory");
			// Nobody is left who did not: whoever comes first.
			await fail(small, "out_of_memory");
			const another = await join({ pool: bench.pool, capabilities: [capability] });
			expect([await claim(small), await claim(large)]).toEqual([[], []]);
			await stores.workers.remove(another);
			expect(await claim(large)).toEqual([job?.id]);
		});

		const failing = async (codes: readonly [ErrorCode, boolean][], workers: readonly string[], model: string) => {
			const request = { pool: bench.pool, capabilities: [`generate:${model}` as const], loadedModel: null, slots: 1 };
			const job = await stores.jobs.submit(bench.draft({ steps: drawOnly, model, maxAttempts: 3 }));
			const claim = async (workerId: string) => (await stores.jobs.claim({ workerId, ...request }))[0];
			for (const [at, [code, retryable]] of codes.entries()) {
				const claimed = await claim(workers[at] ?? "");
				expect([code, claimed?.jobId]).toEqual([code, job?.id]);
				if (claimed) await stores.jobs.finish(claimed.lease, { kind: "failed", failure: { code, message: "" }, retryable, delayMs: 0 });
			}
			return { job, claim };
		};

		it.each(["engine_down", "timeout"] as const)("and met %s on one worker is left to another, if there is one", async (code) => {
			const model = newId("m");
			const join1 = () => join({ pool: bench.pool, capabilities: [`generate:${model}`] });
			const [first, second] = [await join1(), await join1()];
			const { job, claim } = await failing([[code, true]], [first], model);
			expect(await claim(first)).toBeUndefined();
			expect((await claim(second))?.jobId).toBe(job?.id);
			const alone = newId("m");
			const only = await join({ pool: bench.pool, capabilities: [`generate:${alone}`] });
			const again = await failing([[code, true]], [only], alone);
			expect((await again.claim(only))?.jobId).toBe(again.job?.id);
		});

		it("and whose model was gone on one worker runs on another, and fails for good where every worker lacks it", async () => {
			const model = newId("m");
			const capability = `generate:${model}` as const;
			const [first, second] = [
				await join({ pool: bench.pool, capabilities: [capability] }),
				await join({ pool: bench.pool, capabilities: [capability] }),
			];
			const gone = ["model_missing", false] as const;
			const { job, claim } = await failing([[...gone]], [first], model);
			expect(await claim(first)).toBeUndefined();
			expect((await claim(second))?.jobId).toBe(job?.id);
			const other = await failing([[...gone], [...gone]], [first, second], model);
			expect(await stores.jobs.get(bench.tenantId, other.job?.id ?? "")).toMatchObject({
				status: "failed",
				error: { code: "model_missing" },
			});
		});

		it("and ran out of memory where its model is loaded is loaded elsewhere at once, not left to who holds it", async () => {
			const [mine, other] = [`generate:${newId("m")}` as const, `generate:${newId("m")}` as const];
			const capabilities = [mine, other];
			const modelOf = (capability: string) => capability.slice("generate:".length);
			const [holder, free] = [
				await join({ pool: bench.pool, capabilities, loaded: modelOf(mine) }),
				await join({ pool: bench.pool, capabilities, loaded: modelOf(other) }),
			];
			const draft = bench.draft({ steps: drawOnly, model: modelOf(mine) });
			const job = await stores.jobs.submit(draft);
			const claim = (workerId: string, loadedModel: string) =>
				stores.jobs.claim({ workerId, pool: bench.pool, capabilities, loadedModel, slots: 1 });
			expect(await claim(free, modelOf(other))).toEqual([]);
			const [claimed] = await claim(holder, modelOf(mine));
			if (!claimed) throw new Error("nothing claimed");
			await stores.jobs.finish(claimed.lease, {
				kind: "failed",
				failure: { code: "out_of_memory", message: "" },
				retryable: true,
				delayMs: 0,
			});
			expect(await claim(holder, modelOf(mine))).toEqual([]);
			expect((await claim(free, modelOf(other))).map(({ jobId }) => jobId)).toEqual([job?.id]);
		});
	});
});
