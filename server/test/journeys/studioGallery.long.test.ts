import { readFile } from "node:fs/promises";
import type { Page, Response } from "playwright-core";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { finished } from "../http/call.ts";
import { copyPictures } from "../support/manyPictures.ts";
import { readZip } from "../support/readZip.ts";
import { startScriptedWorker } from "../support/scriptedWorker.ts";
import { chromiumPath, expectAccessible, openSuite, patient, signIn } from "../support/studio.ts";
import { startTestApp } from "../support/testApp.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

const small = { steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };

describe.skipIf(!chromiumPath || adminUrl === "")("the gallery in a real browser", { timeout: 240_000 }, () => {
	let database: Awaited<ReturnType<typeof createDatabase>>;
	let fox: JobBody;
	const suite = openSuite(async () => {
		database = await createDatabase();
		const app = await startTestApp({ DATABASE_URL: database.url });
		return { ...app, close: () => app.close().finally(() => database.drop()) };
	});

	const generate = async (body: object): Promise<JobBody> => {
		const accepted = await suite.call("POST", "/api/v1/generations", { body: { ...small, ...body } });
		expect(accepted.status, accepted.text).toBe(202);
		return (await finished(suite.call, suite.app.ownerKey, accepted.body)) as unknown as JobBody;
	};
	beforeAll(async () => {
		fox = await generate({ prompt: "a red fox" });
		await generate({ prompt: "a sailing boat", count: 3 });
	}, 240_000);
	async function open(path = "/gallery", options: { theme?: "dark" | "light"; width?: number } = {}): Promise<Page> {
		const { theme, width = 1280 } = options;
		const page = await suite.open({ path, viewport: { width, height: 800 }, ...(theme && { theme }) });
		await signIn(page, suite.app);
		await page.getByRole("heading", { level: 1 }).waitFor(patient);
		return page;
	}
	const cells = (page: Page) => page.getByRole("gridcell");
	const shown = (page: Page) => expect.poll(() => cells(page).count(), patient);

	test("words find pictures, a star and a board keep them, and a reload keeps what is shown", async () => {
		const page = await open();
		await shown(page).toBe(4);
		await page.keyboard.press("/");
		await page.keyboard.type("sail");
		await shown(page).toBe(3);
		await page.getByLabel("Search in prompts").fill("zebra");
		await page.getByText("No prompt has these words").waitFor(patient);
		await page.getByLabel("Search in prompts").fill("fox");
		await shown(page).toBe(1);
		await cells(page).first().focus();
		await page.keyboard.press(".");
		await page.getByRole("gridcell", { name: "a red fox, starred" }).waitFor(patient);
		await page.keyboard.press("x");
		await page.getByRole("button", { name: "Board", exact: true }).click();
		await page.getByRole("dialog").getByLabel("Name of a new board").fill("Foxes");
		await page.keyboard.press("Enter");
		await expect.poll(async () => (await suite.call("GET", "/api/v1/boards")).text, patient).toContain('"pictures":1');
		await page.getByRole("link", { name: "Starred" }).click();
		await shown(page).toBe(1);
		await page.reload();
		await shown(page).toBe(1);
		await page.getByRole("link", { name: "Foxes" }).click();
		await page.getByRole("heading", { name: "Foxes" }).waitFor(patient);
		await page.getByLabel("Search in prompts").fill("");
		await shown(page).toBe(1);
		expect(suite.complaints).toEqual([]);
	});

	test("what is selected by keyboard comes as a ZIP that unzips", async () => {
		const page = await open();
		await shown(page).toBe(4);
		await cells(page).first().focus();
		await page.keyboard.press("x");
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("Shift+X");
		await page.getByText("3 selected").waitFor(patient);
		const [download] = await Promise.all([page.waitForEvent("download", patient), page.getByRole("button", { name: "ZIP" }).click()]);
		const files = await readZip(new Uint8Array(await readFile((await download.path()) ?? "")));
		expect([...files.keys()]).toEqual([
			...["001-a-sailing-boat.png", "002-a-sailing-boat.png", "003-a-sailing-boat.png"],
			...["manifest.json", "errors.json"],
		]);
		expect(JSON.parse(String(files.get("manifest.json"))).files).toHaveLength(3);
		await page.keyboard.press("Escape");
		await cells(page).first().focus();
		await page.keyboard.press("Control+a");
		await page.getByText("4 selected").waitFor(patient);
		await page.keyboard.press("Escape");
		await expect.poll(() => page.getByText("4 selected").count(), patient).toBe(0);
	});

	test("a picture opens with its recipe and goes back to the form, in whole or in part", async () => {
		const page = await open("/gallery?q=fox");
		await shown(page).toBe(1);
		await cells(page).first().focus();
		await page.keyboard.press("Enter");
		const recipe = page.getByRole("region", { name: "Recipe" });
		await recipe.getByText(String(fox.images[0]?.seed)).first().waitFor(patient);
		expect(new URL(page.url()).searchParams.get("picture")).toBe(`${fox.id}.0`);
		await recipe.getByRole("region", { name: "Price paid" }).or(recipe.getByText("Made in")).first().waitFor(patient);
		expect(await recipe.getByRole("link", { name: "Edit" }).getAttribute("href")).toBe(`/edit?picture=${fox.id}.0`);
		await page.keyboard.press("Escape");
		await expect.poll(() => new URL(page.url()).search, patient).toBe("?q=fox");
		await page.keyboard.press("Enter");
		await recipe.getByRole("button", { name: "Use all settings" }).click(patient);
		await page.getByLabel("What should it show?").waitFor(patient);
		expect(await page.getByLabel("What should it show?").inputValue()).toBe("a red fox");
		expect(suite.complaints).toEqual([]);
	});

	test("deleting asks first, and keeps what was not meant", async () => {
		const doomed = await generate({ prompt: "a slice of pizza" });
		const page = await open("/gallery?q=pizza");
		await shown(page).toBe(1);
		await cells(page).first().focus();
		await page.keyboard.press("Delete");
		await page.getByRole("button", { name: "Keep" }).click();
		await shown(page).toBe(1);
		await cells(page).first().focus();
		await page.keyboard.press("Delete");
		await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
		await shown(page).toBe(0);
		expect((await suite.call("GET", `/api/v1/jobs/${doomed.id}`)).body.images[0]).toMatchObject({ url: null });
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk and a phone", async (theme) => {
		const page = await open("/gallery", { theme });
		await expect.poll(() => cells(page).count(), patient).toBeGreaterThan(3);
		await expectAccessible(page);
		await cells(page).first().focus();
		await page.keyboard.press("x");
		await page.getByText("1 selected").waitFor(patient);
		await expectAccessible(page);
		await page.setViewportSize({ width: 390, height: 844 });
		await expectAccessible(page);
		await page.keyboard.press("Escape");
		await page.getByLabel("Search in prompts").fill("zebra");
		await page.getByText("No prompt has these words").waitFor(patient);
		await expectAccessible(page);
		await page.keyboard.press("Tab");
		await page.keyboard.press("?");
		await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor(patient);
		await expectAccessible(page);
	});

	test("pictures of 4096 px are listed as small files, and opened whole", async () => {
		const worker = await startScriptedWorker(suite.app.url, suite.call, { pools: ["gpu"], traits: { "generate:sdxl": {} } });
		const noise = { type: "gaussian", mean: 128, sigma: 50 } as const;
		const grain = sharp({ create: { width: 512, height: 512, channels: 3, background: "#000", noise } });
		const png = new Uint8Array(
			await sharp(await grain.png().toBuffer())
				.resize(4096, 4096)
				.png()
				.toBuffer(),
		);
		const accepted = await suite.call("POST", "/api/v1/generations", {
			body: { ...small, model: "sdxl", width: 1024, height: 1024, prompt: "a wall of pebbles", count: 2 },
		});
		expect(accepted.status, accepted.text).toBe(202);
		for (let n = 0; n < 2; n++) await worker.succeed(await worker.claim("gpu"), png);
		const job = (await finished(suite.call, suite.app.ownerKey, accepted.body)) as unknown as JobBody;
		await worker.revoke();
		expect(job.images).toMatchObject([{ width: 4096 }, { width: 4096 }]);
		expect(job.images[0]?.bytes).toBeGreaterThan(5_000_000);
		const page = await open("/gallery?q=nothing");
		const loaded: Promise<{ variant: string | null; bytes: number }>[] = [];
		const note = (response: Response) => {
			const url = new URL(response.url());
			if (!url.pathname.includes(`/${job.id}/images/`)) return;
			loaded.push(response.body().then(({ length }) => ({ variant: url.searchParams.get("variant"), bytes: length })));
		};
		page.on("response", note);
		await page.getByLabel("Search in prompts").fill("pebbles");
		await expect.poll(() => page.evaluate("[...document.images].filter((image) => image.naturalWidth === 512).length"), patient).toBe(2);
		page.off("response", note);
		const small512 = await Promise.all(loaded);
		expect(small512.map(({ variant }) => variant)).toEqual(["thumbnail", "thumbnail"]);
		for (const { bytes } of small512) expect(bytes).toBeLessThan(150_000);
		await cells(page).first().focus();
		await page.keyboard.press("Enter");
		await expect.poll(() => page.evaluate("[...document.images].some((image) => image.naturalWidth === 4096)"), patient).toBe(true);
		expect(suite.complaints).toEqual([]);
	});

	test("ten thousand pictures are few elements, loaded as one scrolls", async () => {
		await copyPictures(database.url, fox.id, 10_000);
		const page = await open();
		await expect.poll(() => cells(page).count(), patient).toBeGreaterThan(10);
		expect(await cells(page).count()).toBeLessThan(100);
		const height = () => page.evaluate<number>("document.documentElement.scrollHeight");
		const before = await height();
		await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)");
		await expect.poll(height, patient).toBeGreaterThan(before * 1.5);
		expect(await cells(page).count()).toBeLessThan(100);
		// The one that is focused stays in sight and in the document however far one goes by keys.
		await page.evaluate("window.scrollTo(0, 0)");
		await cells(page).first().focus();
		for (let n = 0; n < 12; n++) await page.keyboard.press("ArrowDown");
		expect(await page.evaluate("document.activeElement?.getAttribute('role')")).toBe("gridcell");
		expect(suite.complaints).toEqual([]);
	});
});
