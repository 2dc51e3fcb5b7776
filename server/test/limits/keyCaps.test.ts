import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GlassworksError } from "../../src/domain/errors.ts";
import type { GenerationRequest } from "../../src/domain/jobs/generationRequest.ts";
import { submitJob } from "../../src/domain/jobs/submitJob.ts";
import type { KeyCaps } from "../../src/domain/plans/keyCaps.ts";
import type { OperatorConfig, Principal } from "../../src/domain/plans/operatorConfig.ts";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { newId } from "../../src/newId.ts";
import { ask, newTenant, openShop, submitPorts } from "../money/fluxShop.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { setUpBench } from "../support/workbench.ts";

const price = 120_000;

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`caps of keys and rates by the calendar in the ${name} database`, () => {
		let stores: TestStores;
		let shop: OperatorConfig;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
			const { pool } = await setUpBench(stores);
			shop = openShop(pool, { pro: { quotas: { image: 0, inpainting: 0 } }, free: { models: "all", rate: { requests: 5, per: "month" } } });
		});
		afterAll(() => stores?.close());

		async function newKey(caps: KeyCaps, plan = "pro"): Promise<Principal & { keyId: string }> {
			const principal = await newTenant(stores, plan, 1_000 * price);
			const keyId = newId("key");
			const { tenantId } = principal;
			const key = { id: keyId, tenantId, name: "capped", prefix: "gw_", scopes: ["read" as const, "generate" as const], expiresAt: null };
			await stores.accounts.createKey({ ...key, caps, secretHash: newId("hash") });
			return { ...principal, keyId };
		}
		const submit = (principal: Principal, request: Partial<GenerationRequest> = {}) =>
			submitJob(submitPorts(stores, shop), principal, ask({ upscale: false, restoreFaces: false, ...request }));
		const refusal = (error: GlassworksError) => error;
		const useOf = async ({ tenantId, keyId }: { tenantId: string; keyId: string }) => (await stores.accounts.getKey(tenantId, keyId)).used;

		/** Asks this often at once. What was accepted, and the refusals. */
		async function storm(principal: Principal, times: number) {
			const all = await Promise.all(
				Array.from({ length: times }, () =>
					submit(principal).then(
						(job) => ({ job }),
						(error) => ({ error: refusal(error) }),
					),
				),
			);
			return {
				jobs: all.flatMap((each) => ("job" in each ? [each.job] : [])),
				errors: all.flatMap((each) => ("error" in each ? [each.error] : [])),
			};
		}

		test("two hundred requests at once spend what the key may and not a micro-dollar more", async () => {
			const key = await newKey({ spendMicroUsdPerMonth: 7 * price + 1 });
			const { jobs, errors } = await storm(key, 200);
			expect(jobs).toHaveLength(7);
			expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["over_key_cap"]));
			expect(errors[0]).toMatchObject({
				message:
					"This key may spend $0.840001 a month; $0.84 is spent or held, and this costs $0.12. Whoever manages the account's keys can change it.",
				data: { cap: "spend_micro_usd_per_month", max: 7 * price + 1, used: 7 * price, asked: price },
			});
			expect(await useOf(key)).toEqual({ spendMicroUsd: 7 * price, unfinishedPictures: 7 });
			// What a cancelled job held is free again, for this key and for the one that replaces it; they spend from one purse.
			await stores.jobs.cancel(key.tenantId, jobs[0]?.id ?? "");
			expect(await useOf(key)).toEqual({ spendMicroUsd: 6 * price, unfinishedPictures: 6 });
			const next = newId("key");
			const old = { tenantId: key.tenantId, keyId: key.keyId, oldUntil: new Date(Date.now() + 600_000) };
			await stores.accounts.rotateKey(old, { id: next, prefix: "gw_", secretHash: newId("hash") });
			await submit({ ...key, keyId: next });
			expect(await useOf(key)).toMatchObject({ spendMicroUsd: 7 * price });
			for (const keyId of [key.keyId, next]) await expect(submit({ ...key, keyId })).rejects.toMatchObject({ code: "over_key_cap" });
			// Another key of the account has a purse of its own.
			await submit({ ...key, keyId: null });
		}, 120_000);

		test("two hundred requests at once leave as many pictures unfinished as the key may have", async () => {
			const key = await newKey({ unfinishedPictures: 9 });
			const { jobs, errors } = await storm(key, 200);
			expect(jobs).toHaveLength(9);
			expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["key_busy"]));
			expect(errors[0]).toMatchObject({ data: { cap: "unfinished_pictures", max: 9, used: 9, asked: 1, retry_after_s: 5 } });
			for (const job of jobs.slice(0, 3)) await stores.jobs.cancel(key.tenantId, job.id);
			await expect(submit(key, { count: 4 })).rejects.toMatchObject({ code: "key_busy", data: { used: 6, asked: 4 } });
			await submit(key, { count: 3, runAfter: new Date(Date.now() + 3_600_000) });
			await expect(submit(key)).rejects.toMatchObject({ code: "key_busy" });
		}, 120_000);

		test("two hundred requests at once of a plan of five a month are five, whatever the key; what failed is given back", async () => {
			const key = await newKey({}, "free");
			const { jobs, errors } = await storm(key, 200);
			expect(jobs).toHaveLength(5);
			expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["rate_limited"]));
			expect(errors[0]).toMatchObject({
				data: { limit: "rate", max: 5, per: "month", plan: "starter", plans: ["starter", "pro", "enterprise"] },
			});
			expect(Number(errors[0]?.data.retry_after_s)).toBeGreaterThan(0);
			expect(Number(errors[0]?.data.retry_after_s)).toBeLessThanOrEqual(31 * 86_400);
			await stores.jobs.cancel(key.tenantId, jobs[0]?.id ?? "");
			await expect(submit({ ...key, keyId: null })).rejects.toMatchObject({ code: "rate_limited" });
		}, 120_000);

		test("pixels, steps and models of a key are held against each step that draws", async () => {
			const key = await newKey({ maxPixels: 256 * 256, maxSteps: 10, models: ["embedded"] });
			const small = { model: "embedded", widthPx: 256, heightPx: 256, steps: 8 };
			await submit(key, small);
			await expect(submit(key, { ...small, widthPx: 512 })).rejects.toMatchObject({
				code: "over_key_cap",
				data: { cap: "max_pixels", max: 65_536, asked: 131_072 },
			});
			await expect(submit(key, { ...small, steps: 11 })).rejects.toMatchObject({ data: { cap: "max_steps", max: 10, asked: 11 } });
			await expect(submit(key, { ...small, model: "flux" })).rejects.toMatchObject({
				data: { cap: "models", max: ["embedded"], asked: "flux" },
			});
			await stores.accounts.changeKey(key.tenantId, key.keyId, { name: null, caps: { maxSteps: null, models: null } });
			expect((await stores.accounts.getKey(key.tenantId, key.keyId)).caps).toEqual({ maxPixels: 65_536 });
			await submit(key, { ...small, model: "flux", steps: 11 });
		});
	});
}
