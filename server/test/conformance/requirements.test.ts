/** Workers that share a capability and not all that can be done with it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noTraits } from "../../src/domain/engines/traits.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
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
		const claimAs = async (loras: string[]) => {
			const { id } = await stores.workers.create({
				...{ id: newId("wrk"), name: "w", kind: "local", pools: [bench.pool], allowed: null, tokenHash: null },
			});
			const capability = bench.capability("generate");
			const other = `generate:${newId("m")}` as const;
			const capabilities = [capability, other];
			await stores.workers.seen(id, { capabilities, traits: { [capability]: { ...noTraits, loras } }, loadedModel: null, slots: 1 });
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
			expect(waiting?.reason?.help.operator).toContain("lora:paper, net:lines");
		});
	});
});
