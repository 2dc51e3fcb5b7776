import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMoney } from "../../src/cli/money.ts";
import { costMicroUsd } from "../../src/domain/pricing/cost.ts";
import { totalOf } from "../../src/domain/pricing/quote.ts";
import { ask, openShop, price, usage } from "./fluxShop.ts";

const shop = openShop();
/** A plan without quotas pays everything from credit. */
const creditOnly = openShop("gpu", { pro: { quotas: { image: 0, inpainting: 0 } } });
const lines = ({ quote }: ReturnType<typeof price>) =>
	quote.lines.map((line) => [line.label, line.count, line.unitMicroUsd, line.amountMicroUsd]);
const spent = usage(500);

describe("the price of a request", () => {
	test("a Flux picture with face restoration is $0.12 + $0.02 = $0.14", () => {
		expect(lines(price(creditOnly, "pro", ask({ restoreFaces: true }), spent))).toEqual([
			["Picture (flux)", 1, 120_000, 120_000],
			["Face restoration (gfpgan)", 1, 20_000, 20_000],
		]);
	});

	test("the line says which network restores the faces: the one that the request chose", () => {
		const asked = ask({ restoreFaces: true, faceRestorer: "codeformer" });
		expect(lines(price(creditOnly, "pro", asked, spent))[1]).toEqual(["Face restoration (codeformer)", 1, 20_000, 20_000]);
	});

	test("a batch of 100 of them is $11.90 after 15 % off", () => {
		const priced = price(creditOnly, "pro", ask({ restoreFaces: true, count: 100 }), spent);
		expect(priced.quote.totalMicroUsd).toBe(11_900_000);
		expect(lines(priced)).toEqual([
			["Picture (flux)", 100, 120_000, 12_000_000],
			["Face restoration (gfpgan)", 100, 20_000, 2_000_000],
			["Batch discount 15 %", 1, -2_100_000, -2_100_000],
		]);
	});

	test.each([
		[9, 9 * 120_000],
		[10, 10 * 114_000],
		[49, 49 * 114_000],
		[50, 50 * 108_000],
		[99, 99 * 108_000],
		[100, 100 * 102_000],
	])("%i pictures cost %i micro-dollars", (count, total) => {
		expect(price(creditOnly, "pro", ask({ count }), spent).quote.totalMicroUsd).toBe(total);
	});

	test("the first pictures draw on the month, the rest on credit, and extras always on credit", () => {
		const priced = price(shop, "pro", ask({ count: 5, restoreFaces: true, upscale: true }), usage(497));
		expect(lines(priced)).toEqual([
			["Picture (flux)", 5, 120_000, 600_000],
			["Face restoration (gfpgan)", 5, 20_000, 100_000],
			["Upscale 4x (realesr-animevideov3)", 5, 150_000, 750_000],
			["Included in plan (3 of 500 pictures left this month)", 3, -140_000, -420_000],
		]);
		expect(priced.quotas).toEqual([{ unit: "image", period: "2026-11", limit: 500, wanted: 5, drawn: 3 }]);
		expect(priced.runs.map((tasks) => tasks.map((task) => task.priceMicroUsd))).toEqual([
			...Array(3).fill([0, 0, 0, 150_000, 0]),
			...Array(2).fill([120_000, 0, 20_000, 150_000, 0]),
		]);
		expect(priced.runs.map((tasks) => tasks.flatMap((task) => task.quotaUnits))).toEqual([["image"], ["image"], ["image"], [], []]);
	});

	test("pictures of equal price share one list of tasks", () => {
		const { runs } = price(shop, "pro", ask({ count: 100 }), usage(470));
		expect(new Set(runs).size).toBe(2);
		expect(runs.map((tasks) => tasks === runs[0])).toEqual(Array.from({ length: 100 }, (_, index) => index < 30));
	});

	test("repainting draws on its own quota, and its picture on that of pictures", () => {
		const starter = price(shop, "starter", ask({ count: 3, repaint: true }), usage(98));
		expect(lines(starter)).toEqual([
			["Picture (flux)", 3, 120_000, 360_000],
			["Repainting", 3, 80_000, 240_000],
			["Included in plan (2 of 100 pictures left this month)", 2, -120_000, -240_000],
			["Repainting included in plan (1 of 1 repaintings left this month)", 1, -80_000, -80_000],
		]);
		expect(starter.runs.map(([first]) => [first?.listMicroUsd, first?.priceMicroUsd, first?.quotaUnits])).toEqual([
			[200_000, 0, ["image", "inpainting"]],
			[200_000, 80_000, ["image"]],
			[200_000, 200_000, []],
		]);
	});

	test("repainting costs nothing where the plan says unlimited, and the quote says so", () => {
		const pro = price(shop, "pro", ask({ repaint: true }), spent);
		expect(lines(pro)).toEqual([
			["Picture (flux)", 1, 120_000, 120_000],
			["Repainting", 1, 80_000, 80_000],
			["Repainting included in plan", 1, -80_000, -80_000],
		]);
		expect(pro.quotas).toEqual([{ unit: "image", period: "2026-11", limit: 500, wanted: 1, drawn: 0 }]);
		expect(price(shop, "enterprise", ask({ repaint: true, upscale: true, count: 100 }), spent).quote.totalMicroUsd).toBe(0);
	});

	test("the free plan has five pictures a month and pays for repainting", () => {
		expect(price(shop, "free", ask(), usage(4)).quote.totalMicroUsd).toBe(0);
		expect(price(shop, "free", ask(), usage(5)).quote.totalMicroUsd).toBe(120_000);
		expect(price(shop, "free", ask({ repaint: true }), usage(0)).quote.totalMicroUsd).toBe(80_000);
	});

	test("a picture that costs nothing draws nothing", () => {
		expect(price(shop, "free", ask({ model: "embedded" }), usage(0))).toMatchObject({ quotas: [], quote: { totalMicroUsd: 0 } });
	});

	test("steps that will not run are named and cost nothing", () => {
		const { quote, runs } = price(shop, "free", ask({ restoreFaces: true, upscale: true }), usage(5));
		expect(quote.skipped).toEqual([
			{ step: "detect_faces", reason: "plan", detail: "Your plan does not include it." },
			{ step: "restore_faces", reason: "plan", detail: "Your plan does not include it." },
			{ step: "upscale", reason: "plan", detail: "Your plan does not include it." },
		]);
		expect(quote.totalMicroUsd).toBe(120_000);
		expect(runs[0]?.filter((task) => task.skip).map((task) => [task.listMicroUsd, task.priceMicroUsd])).toEqual(Array(3).fill([0, 0]));
	});

	test("the owner pays nothing and sees what it would have cost", () => {
		expect(lines(price(shop, "owner", ask({ upscale: true, count: 10 }), usage(0)))).toEqual([
			["Picture (flux)", 10, 120_000, 1_200_000],
			["Upscale 4x (realesr-animevideov3)", 10, 150_000, 1_500_000],
			["Free of charge on this plan", 10, -270_000, -2_700_000],
		]);
	});

	test("for any prices, plan and month the lines add up to what the tasks cost, and a quote is never below its discounted list price", () => {
		const request = fc.record({
			count: fc.integer({ min: 1, max: 100 }),
			restoreFaces: fc.boolean(),
			upscale: fc.boolean(),
			repaint: fc.boolean(),
		});
		const month = fc.tuple(fc.nat(600), fc.nat(2)).map(([image, repainted]) => usage(image, repainted));
		const prices = fc.record({ model: fc.nat(1_000_003), faces: fc.nat(999_983), repaint: fc.nat(77_777) });
		fc.assert(
			fc.property(
				fc.constantFrom("free", "starter", "pro", "enterprise", "owner"),
				request,
				month,
				prices,
				(planName, more, used, list) => {
					const config = {
						...shop,
						models: shop.models.map((model) => ({ ...model, priceMicroUsd: list.model })),
						steps: {
							...shop.steps,
							restore_faces: { ...shop.steps.restore_faces, priceMicroUsd: list.faces },
							inpaint: { ...shop.steps.inpaint, priceMicroUsd: list.repaint },
						},
					};
					const { quote, runs, quotas } = price(config, planName, ask(more), used);
					const tasks = runs.flat();
					expect(totalOf(quote.lines)).toBe(quote.totalMicroUsd);
					expect(tasks.reduce((sum, task) => sum + task.priceMicroUsd, 0)).toBe(quote.totalMicroUsd);
					for (const { unit, drawn, limit } of quotas) {
						expect(tasks.filter((task) => task.quotaUnits.includes(unit))).toHaveLength(drawn);
						expect(drawn).toBeLessThanOrEqual(Math.max(0, limit - used.units[unit].used));
					}
					for (const line of quote.lines) expect(line.amountMicroUsd).toBe(line.count * line.unitMicroUsd);
					for (const task of tasks) expect(Number.isSafeInteger(task.priceMicroUsd) && task.priceMicroUsd <= task.listMicroUsd).toBe(true);
					const due = quote.lines.filter((line) => line.kind !== "discount").reduce((sum, line) => sum + line.amountMicroUsd, 0);
					const percent = more.count >= 100 ? 15 : more.count >= 50 ? 10 : more.count >= 10 ? 5 : 0;
					expect(quote.totalMicroUsd * 100).toBeGreaterThanOrEqual(due * (100 - percent));
					expect(quote.totalMicroUsd - (due * (100 - percent)) / 100).toBeLessThan(tasks.length + more.count);
				},
			),
			{ numRuns: 300 },
		);
	});
});

describe("amounts", () => {
	test.each([
		["12.5", 12_500_000],
		["$0.000001", 1],
		["100", 100_000_000],
		["0.1", 100_000],
		["999999999.999999", 999_999_999_999_999],
	])("%s dollars are exactly %i micro-dollars", (text, microUsd) => {
		expect(parseMoney(text)).toBe(microUsd);
	});

	test.each(["", "1.", ".5", "-1", "1e3", "1,5", "0.0000001", "1.2.3", " 1", "1 000"])("%o is no amount", (text) => {
		expect(parseMoney(text)).toBeNull();
	});

	test("the operator's cost is the time at the pool's price per hour, rounded up", () => {
		expect(costMicroUsd(3_600_000, 2_500_000)).toBe(2_500_000);
		expect(costMicroUsd(1, 2_500_000)).toBe(1);
		expect(costMicroUsd(7_000, 2_500_000)).toBe(4_862);
		expect(costMicroUsd(7_000, 0)).toBe(0);
		expect(costMicroUsd(-5, 2_500_000)).toBe(0);
	});
});
