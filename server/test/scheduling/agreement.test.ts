import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shippedWorkflows } from "../../src/domain/workflows/picture.ts";
import { storeKinds, type TestStores } from "../support/testStores.ts";
import { anyEvent, anyTerms } from "./histories.ts";
import { TwoLines } from "./twoLines.ts";

const anyHistory = fc.array(
	anyEvent({ submit: 10, release: 2, claim: 8, finish: 8, cancel: 4, toFront: 2, changePlan: 1 }),
	// The size makes at least 1,000 states of 34 histories, and lets a failing one shrink.
	{ minLength: 30, maxLength: 40 },
);
const anyTenants = fc.array(anyTerms, { minLength: 3, maxLength: 3 });

for (const { name, present, open } of storeKinds) {
	describe.skipIf(!present)(`the ${name} database and the pure policy`, () => {
		let stores: TestStores;
		beforeAll(async () => {
			stores = await open(shippedWorkflows);
		});
		afterAll(() => stores?.close());

		test("agree on every tag, on V and on the next picture, after each of 1,000 steps of random histories", {
			timeout: 300_000,
		}, async () => {
			let states = 0;
			await fc.assert(
				fc.asyncProperty(anyTenants, anyHistory, async (tenants, history) => {
					const lines = await TwoLines.open(stores, tenants);
					for (const event of history) {
						await lines.happen(event);
						expect(await lines.ofDatabase()).toEqual(lines.ofModel());
						expect(lines.claims.database).toEqual(lines.claims.model);
						expect(lines.claims.wrong).toEqual([]);
						states++;
					}
				}),
				{ numRuns: 34 },
			);
			expect(states).toBeGreaterThan(1_000);
		});
	});
}
