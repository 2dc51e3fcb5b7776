import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caller } from "../http/call.ts";
import { chromiumPath, expectAccessible, openBrowser, openStudio, patient, signIn } from "../support/studio.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

describe.skipIf(!chromiumPath)("the account's and the operator's pages", { timeout: 240_000 }, () => {
	let app: TestApp;
	let browser: Browser;

	beforeAll(async () => {
		app = await startTestApp({}, ["api"]);
		browser = await openBrowser();
		const owner = caller(app.url, app.ownerKey);
		for (let n = 0; n < 55; n++) await owner("POST", "/api/v1/tenants", { body: { name: `Account ${n}`, plan: "free" } });
	}, 240_000);
	afterAll(async () => {
		await browser?.close();
		await app?.close();
	});

	test.each(["dark", "light"] as const)(
		"have no accessibility violation in the %s theme, on a desk or a phone, crowded too",
		async (theme) => {
			const { page } = await openStudio(browser, app, { path: "/operator/accounts", theme });
			await signIn(page, app);
			await page.getByRole("button", { name: "Show more" }).click(patient);
			await expect.poll(() => page.getByRole("row").count(), patient).toBeGreaterThan(56);
			for (const [link, shows] of [
				["Accounts", "Accounts"],
				["Machines", "Pools"],
				["Audit log", "Audit log"],
				["Books", "Promises kept by plan"],
			] as const) {
				await page.getByRole("navigation", { name: "Operator" }).getByRole("link", { name: link }).click();
				await page.getByRole("table", { name: shows }).waitFor(patient);
				for (const width of [1280, 390]) {
					await page.setViewportSize({ width, height: 844 });
					await expectAccessible(page);
				}
			}
			await page.goto(`${app.url}/account`);
			await page.getByText("Bill of this month").first().waitFor(patient);
			await page.getByText("Pictures at once").waitFor(patient);
			for (const width of [1280, 390]) {
				await page.setViewportSize({ width, height: 844 });
				await expectAccessible(page);
			}
			await page.context().close();
		},
	);
});
