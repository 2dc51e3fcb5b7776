import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { chromiumPath, openSuite, patient, signIn } from "../support/studio.ts";

describe.skipIf(!chromiumPath)("making a picture in a real browser", { timeout: 240_000 }, () => {
	const suite = openSuite();

	async function open(): Promise<Page> {
		const page = await suite.open();
		await signIn(page, suite.app);
		await prompt(page).waitFor(patient);
		return page;
	}
	const prompt = (page: Page) => page.getByLabel("What should it show?");
	const ticket = (page: Page) => page.getByLabel("Price and queue");
	const generate = (page: Page) => page.getByRole("button", { name: "Generate", exact: true });
	const tile = (page: Page, text: string) => page.getByRole("button", { name: text }).filter({ has: page.getByRole("img") });

	/** How many jobs the server took for a prompt. */
	async function jobsFor(text: string): Promise<number> {
		const { body } = await suite.call("GET", "/api/v1/jobs?limit=100");
		return (body as unknown as { data: JobBody[] }).data.filter((job) => job.request.prompt === text).length;
	}

	/** Presses Tab until the focus is where `selector` says. */
	async function tabTo(page: Page, selector: string): Promise<void> {
		for (let presses = 0; presses < 80; presses++) {
			await page.keyboard.press("Tab");
			if (await page.evaluate<boolean>(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
		}
		throw new Error(`Tab never reached ${selector}`);
	}

	test("with the keyboard alone: place, time and price before, then the picture, its recipe and its original", async () => {
		const page = await open();
		await page.evaluate("document.activeElement?.blur()");
		await tabTo(page, "textarea");
		await page.keyboard.type("a red fox");
		for (const told of ["Your place", "Ready in", "Total"]) await ticket(page).getByText(told).first().waitFor(patient);
		await page.keyboard.press("Control+Enter");
		await tile(page, "a red fox").waitFor(patient);
		await tabTo(page, "li button:has(img)");
		await page.keyboard.press("Enter");
		const recipe = page.getByRole("region", { name: "Recipe" });
		await recipe.getByText("Understood as").waitFor(patient);
		await page.keyboard.press("c");
		await page.getByRole("img", { name: "a red fox, before enhancement" }).waitFor(patient);
		await page.keyboard.press("Escape");
		await recipe.waitFor({ state: "hidden", ...patient });
		expect(await jobsFor("a red fox")).toBe(1);
		expect(suite.complaints).toEqual([]);
	});

	test("two tabs show the same work, and what one cancels is cancelled in the other", async () => {
		const first = await open();
		const second = await suite.context.newPage();
		await second.goto(suite.app.url);
		await prompt(second).waitFor(patient);
		await first.getByRole("radio", { name: "8 pictures" }).check({ force: true });
		await prompt(first).fill("a green frog");
		await first.keyboard.press("Control+Enter");
		await second.getByRole("button", { name: "Cancel all 8" }).click(patient);
		await first.getByText("Cancelled", { exact: true }).first().waitFor(patient);
		expect(await jobsFor("a green frog")).toBe(1);
		expect(suite.complaints).toEqual([]);
	});

	test("a connection that is lost in the middle costs nothing: the picture is there once it is back", async () => {
		const page = await open();
		await page.getByRole("radio", { name: "4 pictures" }).check({ force: true });
		await prompt(page).fill("a potted cactus");
		await page.keyboard.press("Control+Enter");
		await page.getByRole("button", { name: "Cancel all 4" }).waitFor(patient);
		await suite.context.setOffline(true);
		await page.getByText("Offline").first().waitFor(patient);
		await suite.context.setOffline(false);
		await expect.poll(() => tile(page, "a potted cactus").count(), patient).toBe(4);
		expect(await jobsFor("a potted cactus")).toBe(1);
	});

	test("without a connection Generate says so and keeps the form; with it the same click works, once", async () => {
		const page = await open();
		await prompt(page).fill("a sailing boat");
		await ticket(page).getByText("Total").waitFor(patient);
		await suite.context.setOffline(true);
		await generate(page).click();
		await page.getByRole("alert").first().waitFor(patient);
		expect(await prompt(page).inputValue()).toBe("a sailing boat");
		await suite.context.setOffline(false);
		await generate(page).click(patient);
		await tile(page, "a sailing boat").waitFor(patient);
		expect(await jobsFor("a sailing boat")).toBe(1);
	});

	test("on a slow network an impatient double click makes one job, and a reload in the middle finds it", async () => {
		const page = await open();
		await prompt(page).fill("a blue butterfly");
		await ticket(page).getByText("Total").waitFor(patient);
		const network = await suite.context.newCDPSession(page);
		const slow = { offline: false, latency: 700, downloadThroughput: 100_000, uploadThroughput: 50_000 };
		await network.send("Network.emulateNetworkConditions", slow);
		await generate(page).dblclick();
		await expect.poll(() => jobsFor("a blue butterfly"), patient).toBe(1);
		await page.reload();
		await tile(page, "a blue butterfly").waitFor(patient);
		expect(await jobsFor("a blue butterfly")).toBe(1);
		expect(suite.complaints).toEqual([]);
	});
});
