import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { startScriptedWorker } from "../support/scriptedWorker.ts";
import { chromiumPath, expectAccessible, openSuite, patient } from "../support/studio.ts";

describe.skipIf(!chromiumPath)("batches in the studio", { timeout: 240_000 }, () => {
	const suite = openSuite();

	const open = (path: string, options: { key?: string; theme?: "dark" | "light" } = {}) =>
		suite.open({ path, key: suite.app.ownerKey, ...options });

	const start = (page: Page) => page.getByRole("button", { name: "Start the batch" }).click(patient);
	const price = (page: Page) => page.getByRole("region", { name: "Price" });
	/** The batch that the page shows, as the API tells it. */
	const shown = async (page: Page) => (await suite.call("GET", `/api/v1/batches/${page.url().split("/").pop()?.split("?")[0]}`)).body;

	test("pasted prompts become pictures and a ZIP, with the price before; a reload in the middle keeps what was written", async () => {
		const page = await open("/batches/new");
		await page.getByLabel("Prompts, one on each line").fill("a red fox\n\na sailing boat\na potted cactus");
		await price(page).getByText("3 pictures").waitFor(patient);
		await page.getByLabel("Name").fill("three things");
		await page.reload();
		await price(page).getByText("3 pictures").waitFor(patient);
		expect(await page.getByLabel("Name").inputValue()).toBe("three things");

		await start(page);
		await page.getByRole("heading", { name: "three things" }).first().waitFor(patient);
		await page.getByRole("status").getByText("Finished").waitFor(patient);
		await page.getByRole("button", { name: "a sailing boat" }).click(patient);
		await page.getByRole("region", { name: "Recipe" }).getByText("a sailing boat").first().waitFor(patient);
		await page.keyboard.press("Escape");

		const download = page.waitForEvent("download");
		await page.getByRole("link", { name: "ZIP of 3 pictures" }).click();
		expect((await download).suggestedFilename()).toBe("three-things.zip");
		// The form is empty again: what was sent is not sent twice.
		await page.goto(`${suite.app.url}/batches/new`);
		expect(await page.getByLabel("Prompts, one on each line").inputValue()).toBe("");
		expect(suite.complaints).toEqual([]);
	});

	test("a CSV's columns are mapped, and rows that are wrong are named before anything is sent", async () => {
		const made = async () => (await suite.call("GET", "/api/v1/batches?limit=100")).body.data.length;
		const before = await made();
		const page = await open("/batches/new");
		await page.getByText("CSV file", { exact: true }).click();
		const text = "Caption,Inference,SKU\na red fox,4,F-1\na sailing boat,many,B-2\n\na potted cactus,lots,C-3\n";
		await page
			.getByLabel("Drop a CSV file, or choose one")
			.setInputFiles({ name: "shop.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
		await price(page).getByText("3 pictures").waitFor(patient);
		expect(await page.getByLabel("Caption").inputValue()).toBe("prompt");
		await page.getByLabel("Inference").selectOption("Steps");
		await price(page).getByText("2 items are not right yet").waitFor(patient);
		expect(await price(page).getByRole("listitem").allTextContents()).toEqual([
			'Row 3, steps: must be a number; got "many"',
			'Row 5, steps: must be a number; got "lots"',
		]);
		expect(await page.getByRole("button", { name: "Start the batch" }).isDisabled()).toBe(true);
		expect(await made()).toBe(before);

		await page.getByLabel("Inference").selectOption("Leave out");
		await page.getByLabel("SKU").selectOption("Keep as a note");
		await price(page).getByText("3 pictures").waitFor(patient);
		await start(page);
		await page.getByText("SKU C-3").waitFor(patient);
		expect(await shown(page)).toMatchObject({ name: "shop", items: 3 });
	});

	test("a matrix is shown as the grid it is", async () => {
		const page = await open("/batches/new");
		await page.getByText("Matrix", { exact: true }).click();
		await page.getByLabel("Values of prompt").fill("a red fox\na blue butterfly");
		await page.getByLabel("Values of seed").fill("1-3");
		await page.getByText("2 x 3 = 6 items").waitFor(patient);
		await price(page).getByText("6 pictures").waitFor(patient);
		await start(page);
		await page.getByRole("button", { name: "a blue butterfly, 3" }).waitFor(patient);
		expect(await page.getByRole("columnheader").allTextContents()).toEqual(["1", "2", "3"]);
		expect(await page.getByRole("rowheader").allTextContents()).toEqual(["a red fox", "a blue butterfly"]);
		await page.getByRole("button", { name: "List" }).click();
		await page.getByText("seed 3").first().waitFor(patient);
		await page.reload();
		await page.getByText("seed 3").first().waitFor(patient);
		expect(suite.complaints).toEqual([]);
	});

	test("the price of many counts all of them, and a budget below it is pointed out", async () => {
		const { key } = await suite.app.createTenant("starter", { creditMicroUsd: 20_000_000 });
		const page = await open("/batches", { key });
		await page.getByRole("heading", { name: "A hundred pictures from one click" }).waitFor(patient);
		await expectAccessible(page);
		await page.getByRole("link", { name: "New batch" }).click();
		await page.getByLabel("Model").selectOption("sd15");
		await page.getByLabel("Prompts, one on each line").fill(Array.from({ length: 200 }, (_, at) => `a lighthouse, no. ${at}`).join("\n"));
		await price(page).getByText("15 % off for 200 pictures at once.").waitFor(patient);
		expect(await price(page).getByText(/^\$\d/).count()).toBeGreaterThan(0);
		await page.getByLabel("Budget in dollars").fill("1");
		await page.getByLabel("Name").click();
		await price(page).getByText("the batch will pause there").waitFor(patient);
	});

	test("what failed is named and tried again by itself", async () => {
		// A model that no other worker here has.
		const worker = await startScriptedWorker(suite.app.url, suite.call, { pools: ["gpu"], traits: { "generate:sd15": {} } });
		const body = { name: "fragile", items: ["a vase", "a lamp"], defaults: { model: "sd15", upscale: false, restore_faces: false } };
		const { id } = (await suite.call("POST", "/api/v1/batches", { body })).body;
		const page = await open(`/batches/${id}`);
		for (const _ of body.items) await worker.fail(await worker.claim("gpu"), "The kiln went cold.");
		await page.getByRole("status").getByText("Finished, 2 failed").waitFor(patient);
		await page.getByText("The kiln went cold.").first().waitFor(patient);
		await page.getByRole("button", { name: "Failed 2" }).click();
		await page.getByRole("button", { name: "Retry 2 failed" }).click();
		await page.getByRole("button", { name: "Try again", exact: true }).click();
		await page.getByRole("button", { name: "All 2" }).click();
		await page.getByText("attempt 2").first().waitFor(patient);
		for (const _ of body.items) await worker.fail(await worker.claim("gpu"), "Still cold.");
		await page.getByText("Still cold.").first().waitFor(patient);
		await worker.revoke();
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		const newest = (await suite.call("GET", "/api/v1/batches")).body.data.find(({ name }: { name: string }) => name === "three things");
		const page = await open("/batches", { theme });
		await page.getByRole("link", { name: "three things" }).first().waitFor(patient);
		for (const width of [1280, 390]) {
			await page.setViewportSize({ width, height: 844 });
			await page.goto(`${suite.app.url}/batches`);
			await page.getByRole("link", { name: "three things" }).first().waitFor(patient);
			await expectAccessible(page);
			await page.goto(`${suite.app.url}/batches/${newest?.id}`);
			await page.getByRole("button", { name: "a sailing boat" }).waitFor(patient);
			await expectAccessible(page);
			await page.goto(`${suite.app.url}/batches/new`);
			await page.getByText("Matrix", { exact: true }).click();
			await page.getByLabel("Values of prompt").waitFor(patient);
			await expectAccessible(page);
		}
		expect(suite.complaints).toEqual([]);
	});

	test("an address of no batch, and a server that does not answer, say so with a way on", async () => {
		const page = await open("/batches/bat_nothing");
		await page.getByRole("alert").waitFor(patient);
		await suite.context.setOffline(true);
		await page.getByRole("link", { name: "All batches" }).click();
		await page.getByText("The server does not answer.").waitFor(patient);
		await suite.context.setOffline(false);
		await page.getByRole("button", { name: "Try again" }).click();
		await page.getByRole("link", { name: "three things" }).first().waitFor(patient);
	});

	test("ten thousand items are leafed through, paused, resumed and cancelled", async () => {
		const items = Array.from({ length: 10_000 }, (_, at) => `a lighthouse, no. ${at + 1}`);
		const at = new Date(Date.now() + 86_400_000).toISOString();
		const { id } = (await suite.call("POST", "/api/v1/batches", { body: { name: "crowd", items, at } })).body;
		const page = await open(`/batches/${id}`);
		await page.getByText("1 to 50 of 10,000").waitFor(patient);
		await page.getByRole("button", { name: "Next" }).click();
		await page.getByText("a lighthouse, no. 100", { exact: true }).waitFor(patient);
		expect(await page.getByRole("row").count()).toBeLessThanOrEqual(51);
		await page.getByRole("button", { name: "Previous" }).click();
		await page.getByText("a lighthouse, no. 1", { exact: true }).waitFor(patient);

		await page.getByRole("button", { name: "Pause" }).click();
		await page.getByRole("button", { name: "Resume" }).click(patient);
		await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
		await page.getByRole("button", { name: "Pause" }).waitFor(patient);
		await page.getByRole("button", { name: "Cancel the rest" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Cancel the rest" }).click();
		await page.getByRole("status").getByText("Cancelled").waitFor(patient);
		expect(await shown(page)).toMatchObject({ status: "cancelled", counts: { cancelled: 10_000 } });
	});
});
