import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlannedTask } from "../../src/domain/pricing/charges.ts";
import { priceJob } from "../../src/domain/pricing/priceJob.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { loadOperatorConfig } from "../../src/loadOperatorConfig.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { done, drawOnly, setUpBench, type Workbench } from "../support/workbench.ts";

/** The rows of the table behind `<!-- test: name -->`, without its heading. */
async function tableOf(name: string): Promise<string[][]> {
	const page = await readFile(path.join(import.meta.dirname, "../../../docs/scheduling.md"), "utf8");
	const lines = (page.split(`<!-- test: ${name} -->\n`)[1] ?? "").split("\n\n")[0]?.split("\n").slice(2) ?? [];
	const rows = lines.map((line) => line.split("|").slice(1, -1));
	return rows.map((cells) => cells.map((cell) => cell.trim()));
}

const seconds = (microseconds: number | null | undefined) => String((microseconds ?? Number.NaN) / 1_000_000);
const pictureMs = 6_000;
const shipped = path.join(import.meta.dirname, "../../../glassworks.config.ts");

let stores: TestStores;
let bench: Workbench;
const names = new Map<string, string>();
beforeAll(async () => {
	const embedded = storeKinds.find((kind) => kind.name === "embedded");
	if (!embedded) throw new Error("there is no embedded store");
	stores = await embedded.open(shippedWorkflows);
	bench = await setUpBench(stores);
});
afterAll(() => stores?.close());

async function ask(name: string, plan: string, weight: number, pictures: number) {
	const tenantId = await bench.newTenant();
	names.set(tenantId, name);
	return bench.submit({ tenantId, weight, pictures, predictedMs: pictureMs, steps: drawOnly, plan });
}

test("the page's example is served in the order, with the tags and waits it shows, and so is the newcomer", async () => {
	const { plans } = await loadOperatorConfig(shipped);
	const weight = (plan: string) => plans[plan]?.weight ?? Number.NaN;
	const asked = await Promise.all([
		await ask("Cy", "free", weight("free"), 3),
		await ask("Bo", "starter", weight("starter"), 3),
		await ask("Ann", "pro", weight("pro"), 3),
	]);
	const planOf = new Map(asked.map((job) => [job.tenantId, job.plan]));
	const line = asked
		.flatMap((job) => job.runs.flatMap((run) => run.tasks.map((task) => ({ ...task, tenantId: job.tenantId }))))
		.sort((a, b) => (a.orderKey ?? 0) - (b.orderKey ?? 0) || a.id - b.id);
	const shown = line.map((task, index) => [
		String(index + 1),
		names.get(task.tenantId),
		planOf.get(task.tenantId),
		seconds(task.orderKey),
		String((index * pictureMs) / 1_000),
	]);
	expect(shown).toEqual(await tableOf("order"));

	// Ann's first picture is done and her second is being made when Dee comes.
	await stores.jobs.finish((await bench.claimOne()).lease, done());
	expect(names.get((await bench.claimOne()).tenantId)).toBe("Ann");
	await ask("Dee", "starter", weight("starter"), 1);
	const rest: string[][] = [];
	for (let [claimed] = await bench.claim(); claimed; [claimed] = await bench.claim())
		rest.push([String(rest.length + 1), names.get(claimed.tenantId) ?? "", seconds(claimed.task.orderKey)]);
	expect(rest).toEqual(await tableOf("newcomer"));
});

const dollars = (microUsd: number) => `${microUsd < 0 ? "-" : ""}$${(Math.abs(microUsd) / 1_000_000).toFixed(2)}`;

/** Drawing and face restoration at the prices of the page. */
const tasks = (["generate", "restore_faces"] as const).map((kind): PlannedTask => {
	const model = kind === "generate" ? "flux" : "gfpgan";
	const charges = [{ kind, listMicroUsd: kind === "generate" ? 120_000 : 20_000 }];
	return {
		stepId: kind,
		kind,
		model,
		capability: `${kind}:${model}`,
		pool: "gpu",
		optional: kind !== "generate",
		needs: [],
		predictedMs: 1,
		charges,
		maxAttempts: 5,
		skip: null,
	};
});

test("the page's prices are those of the configuration that ships", async () => {
	const { plans, batchDiscounts: discounts } = await loadOperatorConfig(shipped);
	const { pro } = plans;
	if (!pro) throw new Error("no plan named pro");
	const units = { image: { used: 498, held: 0 }, inpainting: { used: 0, held: 0 }, training: { used: 0, held: 0 } };
	const usage = { period: "2026-11", resetsAt: new Date("2026-12-01T00:00:00Z"), units };
	const { quote } = priceJob({ tasks, count: 3, plan: pro, usage, discounts });
	const lines = quote.lines.map((line) => [line.label, String(line.count), dollars(line.unitMicroUsd), dollars(line.amountMicroUsd)]);
	expect([...lines, ["**total**", "", "", `**${dollars(quote.totalMicroUsd)}**`]]).toEqual(await tableOf("quote"));

	const spent = { ...usage, units: { ...units, image: { used: 500, held: 0 } } };
	const hundred = priceJob({ tasks, count: 100, plan: pro, usage: spent, discounts }).quote;
	expect(dollars(hundred.lines.filter((line) => line.kind === "list").reduce((sum, line) => sum + line.amountMicroUsd, 0))).toBe("$14.00");
	expect(dollars(hundred.totalMicroUsd)).toBe("$11.90");
});
