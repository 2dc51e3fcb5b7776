import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Call, caller } from "../http/call.ts";
import { type ScriptedWorker, startScriptedWorker } from "../support/scriptedWorker.ts";
import { chromiumPath, expectAccessible, openBrowser, openStudio, patient, signIn } from "../support/studio.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const settings = { model: "embedded", width: 64, height: 64, steps: 2, upscale: false, restore_faces: false };

/** On a server without a worker of its own: nothing happens but what the test does. */
describe.skipIf(!chromiumPath)("the queue and the status of the studio", { timeout: 240_000 }, () => {
	let app: TestApp;
	let owner: Call;
	let worker: ScriptedWorker;
	let browser: Browser;
	let page: Page;
	let complaints: string[];

	beforeAll(async () => {
		app = await startTestApp({}, ["api"]);
		owner = caller(app.url, app.ownerKey);
		browser = await openBrowser();
	}, 240_000);
	afterAll(async () => {
		await browser?.close();
		await app?.close();
	});
	afterEach(async () => {
		await page?.context().close();
	});

	async function open(path: string, theme: "dark" | "light" = "dark"): Promise<void> {
		({ page, complaints } = await openStudio(browser, app, { path, theme }));
	}
	const ask = async (prompt: string) => (await owner("POST", "/api/v1/generations", { body: { ...settings, prompt } })).body.id;
	const job = (prompt: string) => page.getByRole("region", { name: "Yours" }).getByRole("listitem", { name: prompt });
	const names = () =>
		page
			.getByRole("region", { name: "Yours" })
			.getByRole("listitem")
			.evaluateAll((items) => items.map((item) => item.getAttribute("aria-label")));

	test("who waits for nothing is told what would stand here, and that no worker is there", async () => {
		await open("/queue");
		await signIn(page, app);
		await page.getByText("Nothing of yours waits.").waitFor(patient);
		await page.getByText("No worker is connected. Pictures wait, and start by themselves when one is.").first().waitFor(patient);
		expect(await page.title()).toBe("Queue - Glassworks");
	});

	test("one's jobs stand in line with place and reason, move to the front, run under one's eyes and are cancelled and asked for again", async () => {
		worker = await startScriptedWorker(app.url, owner, { pools: ["gpu"], traits: { "generate:embedded": {} } });
		await ask("a hare");
		await ask("a heron");
		await ask("an owl");
		await open("/queue");
		await signIn(page, app);
		await expect.poll(names, patient).toEqual(["a hare", "a heron", "an owl"]);
		await job("an owl").getByText("3rd").waitFor(patient);
		await job("an owl").getByText("Why").waitFor(patient);
		await job("an owl").getByRole("button", { name: "To front" }).click();
		await expect.poll(names, patient).toEqual(["an owl", "a hare", "a heron"]);
		await worker.claim("gpu");
		await job("an owl").getByRole("progressbar").waitFor(patient);
		await job("a hare").getByRole("button", { name: "Cancel" }).click();
		await expect.poll(names, patient).toEqual(["an owl", "a heron"]);
		const ended = page.getByRole("region", { name: "Ended lately" });
		await ended.getByText("Cancelled").waitFor(patient);
		await ended.getByRole("button", { name: "Retry" }).click();
		await expect.poll(names, patient).toEqual(["an owl", "a heron", "a hare"]);
		await page.reload();
		await expect.poll(names, patient).toEqual(["an owl", "a heron", "a hare"]);
		expect(complaints).toEqual([]);
	});

	test("a long line is shown a page at a time", async () => {
		for (let n = 0; n < 60; n++) await ask(`number ${n}`);
		await open("/queue");
		await signIn(page, app);
		await expect.poll(async () => (await names()).length, patient).toBe(50);
		await page.getByRole("button", { name: "Show more" }).click();
		await expect.poll(async () => (await names()).length, patient).toBeGreaterThan(60);
	});

	test("the status is there for who is not signed in", async () => {
		await worker.hello();
		await open("/status");
		await page.getByRole("heading", { name: "Pictures are being made" }).waitFor(patient);
		await page.getByRole("region", { name: "Uptime" }).getByText("24 hours").waitFor(patient);
		await page.getByRole("row", { name: /^Pro/ }).waitFor(patient);
		await page.getByRole("region", { name: "Incidents" }).getByText("None.").waitFor(patient);
		expect(complaints).toEqual([]);
		await page.getByRole("link", { name: "Open the studio" }).click();
		await page.getByLabel("API key").waitFor(patient);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		await open("/queue", theme);
		await signIn(page, app);
		for (const [path, shows] of [
			["/queue", "Show more"],
			["/status", "Incidents"],
		] as const) {
			await page.goto(`${app.url}${path}`);
			await page.getByText(shows, { exact: true }).waitFor(patient);
			for (const width of [1280, 390]) {
				await page.setViewportSize({ width, height: 844 });
				await expectAccessible(page);
			}
		}
	});
});
