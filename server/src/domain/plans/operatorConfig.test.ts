import { expect, test } from "vitest";
import { glassworks } from "../../../../glassworks.config.ts";
import { operatorConfig } from "./operatorConfig.ts";

/** What the operator is told about a file with this changed. */
function told(change: object): string[] {
	const parsed = operatorConfig.safeParse({ ...glassworks, ...change });
	return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
const plan = (change: object) => told({ plans: { ...glassworks.plans, free: { ...glassworks.plans.free, ...change } } });

test("the shipped plans are those of the table that Glassworks is sold by", () => {
	const { plans } = operatorConfig.parse(glassworks);
	const rows = Object.entries(plans).map(([name, p]) => [
		...[name, p.priceMicroUsdPerMonth, p.quotas.image, p.maxSidePx, p.maxSteps, p.runningCap, p.weight, p.faceRestoration],
		...[p.quotas.inpainting, p.upscale, p.trainings, p.rate],
	]);
	expect(rows).toEqual([
		["free", 0, 5, 512, 30, 1, 0.05, false, 0, false, 0, { requests: 5, per: "month" }],
		["starter", 9_990_000, 100, 768, 50, 2, 1, true, 1, false, 0, { requests: 3, per: "second" }],
		["pro", 29_990_000, 500, 1_024, 100, 6, 3, true, null, true, 1, { requests: 10, per: "second" }],
		["enterprise", null, null, null, null, null, 12, true, null, true, null, null],
		["owner", null, null, null, null, null, 12, true, null, true, null, null],
	]);
	expect([plans.free?.models, plans.starter?.models, plans.pro?.models]).toEqual([
		["embedded", "telea", "mirror", "sd15"],
		["embedded", "telea", "mirror", "sd15", "flux"],
		"all",
	]);
});

test("an operator's mistakes are told by their place, with what would be right", () => {
	expect(plan({ models: ["sd15", "sd51"] })).toEqual([
		expect.stringMatching(/^plans\.free\.models\.1: names no model: sd51; there are embedded, /),
	]);
	expect(plan({ models: "al" })).toEqual(['plans.free.models: must be "all" or a list of names of models']);
	expect(plan({ rate: { requests: 0, per: "month" } })).toEqual(["plans.free.rate.requests: must be at least 1; null means no limit"]);
	expect(plan({ rate: { requests: 5, per: "week" } })).toEqual(["plans.free.rate.per: must be second, minute, hour, day or month"]);
	expect(plan({ requestRate: { requests: 5, per: "day" } })).toEqual(["plans.free.requestRate.per: must be second, minute or hour"]);
	expect(plan({ promisedSuccessShare: 99 })).toEqual(["plans.free.promisedSuccessShare: must be a share from 0 to 1, as 0.99"]);
	expect(plan({ runingCap: 2 })).toEqual([expect.stringMatching(/^plans\.free: .*runingCap/)]);
	expect(told({ defaultModel: "glyph" })).toEqual([expect.stringMatching(/^defaultModel: names no model: glyph; there are embedded, /)]);
	expect(told({ edits: { remove: ["embedded", "nobody"] } })).toEqual([
		expect.stringMatching(/^edits\.remove\.1: names no model that repaints: nobody/),
	]);
	expect(told({ brand: { colours: { accent: "red" } } })).toEqual(["brand.colours.accent: must be a colour as #1f6feb"]);
	expect(told({ brand: { logoUrl: "logo.png" } })).toEqual(["brand.logoUrl: must be an address that starts with https://"]);
	expect(told({ brand: { mailFrom: "Acme\r\nBcc: a@b" } })).toEqual([expect.stringMatching(/^brand\.mailFrom: must be an address/)]);
	const { gpu, ...pools } = glassworks.pools;
	expect(told({ pools: { ...pools, gpu: [...gpu.steps, "encode"] } })).toEqual([
		"pools: encode must be in exactly one pool; it is in enhance and gpu",
	]);
	expect(told({ plans: { ...glassworks.plans, owner: undefined } })[0]).toMatch(/^plans/);
});
