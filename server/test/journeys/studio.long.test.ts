import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, expectAccessible, openSuite, patient, signIn } from "../support/studio.ts";

/** Runs in the page: collects what screen readers are told and how far the progress bars were. */
const listen = `
	globalThis.said = [];
	new MutationObserver(() => {
		said.push(document.querySelector("[role=status]")?.textContent ?? "");
		const bar = document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow");
		if (bar) said.push("bar " + bar);
	}).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
`;
describe.skipIf(!chromiumPath)("the studio in a real browser", { timeout: 240_000 }, () => {
	const suite = openSuite();

	async function generate(page: Page, prompt: string): Promise<void> {
		await page.getByLabel("What should it show?").fill(prompt);
		await page.keyboard.press("Control+Enter");
	}

	const tile = (page: Page, prompt: string) => page.getByRole("button", { name: prompt }).filter({ has: page.getByRole("img") });
	/** Of the decoded picture: 0 or a rejection means that it is none. */
	const naturalWidth = (page: Page, prompt: string) =>
		page.evaluate<number>(`(async () => {
			const image = [...document.images].find((each) => each.alt === ${JSON.stringify(prompt)});
			await image.decode();
			return image.naturalWidth;
		})()`);

	test("a wrong key is refused with a way on, and the right one is kept out of the page's storage", async () => {
		const page = await suite.open();
		await page.locator("input[name=key]").fill("gw_nobody");
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByRole("alert").getByText("That key is not valid here.").waitFor(patient);
		await signIn(page, suite.app);
		const stored = await page.evaluate<string>("JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie })");
		expect(stored).not.toContain(suite.app.ownerKey);
		expect(JSON.parse(stored).cookie).toBe("");
		const cookies = await suite.context.cookies();
		expect(cookies.filter((cookie) => cookie.httpOnly && cookie.sameSite === "Strict")).toHaveLength(1);
		expect(cookies.some((cookie) => cookie.value.includes(suite.app.ownerKey))).toBe(false);
	});

	test("a prompt becomes a picture under one's eyes, with its recipe, and a reload keeps it", async () => {
		const page = await suite.open();
		await signIn(page, suite.app);
		// The price and the line stand there before anything is clicked.
		await page.getByLabel("Price and queue").getByText("Total").waitFor(patient);
		await page.getByLabel("Price and queue").getByText("Queue:").waitFor(patient);

		// What the page says on the way is kept, since a small picture may be done before anyone could look twice.
		await page.evaluate(listen);
		await generate(page, "a red fox");
		await tile(page, "a red fox").waitFor(patient);
		const said = await page.evaluate<string[]>("said");
		expect(said.some((line) => line.startsWith("bar "))).toBe(true);
		expect(said.some((line) => line.startsWith("Picture finished"))).toBe(true);
		expect(await naturalWidth(page, "a red fox")).toBeGreaterThan(0);

		await tile(page, "a red fox").click();
		const recipe = page.getByRole("region", { name: "Recipe" });
		await recipe.getByText("Understood as").waitFor(patient);
		const seed = await recipe.locator("dd").first().textContent();
		expect(seed?.trim()).toMatch(/^\d+$/);
		expect(await recipe.textContent()).toContain("Modelembedded");
		await page.keyboard.press("c");
		await page.getByRole("img", { name: "a red fox, before enhancement" }).waitFor(patient);

		await recipe.getByRole("button", { name: "Use seed" }).click();
		await page.locator("summary").click();
		expect(await page.getByLabel("Seed", { exact: true }).inputValue()).toBe(seed?.trim());

		await page.reload();
		await tile(page, "a red fox").waitFor(patient);
		expect(await naturalWidth(page, "a red fox")).toBeGreaterThan(0);
		expect(await page.getByLabel("What should it show?").inputValue()).toBe("a red fox");
		expect(suite.complaints).toEqual([]);
	});

	test("a page closed in the middle of the work finds it when it is opened again", async () => {
		const page = await suite.open();
		await signIn(page, suite.app);
		await page.getByRole("radio", { name: "4 pictures" }).check({ force: true });
		await generate(page, "a blue butterfly");
		await page.getByRole("button", { name: "Cancel all 4" }).waitFor(patient);
		await page.close();
		const again = await suite.context.newPage();
		await again.goto(suite.app.url);
		await expect.poll(() => tile(again, "a blue butterfly").count(), patient).toBe(4);
	});

	test("work that is cancelled stops and says so", async () => {
		const page = await suite.open();
		await signIn(page, suite.app);
		await page.getByRole("radio", { name: "8 pictures" }).check({ force: true });
		await generate(page, "a potted cactus");
		await page.getByRole("button", { name: "Cancel all 8" }).click(patient);
		await page.getByText("Cancelled", { exact: true }).first().waitFor(patient);
		await page.getByRole("button", { name: "Retry" }).first().waitFor(patient);
		expect(suite.complaints).toEqual([]);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		const page = await suite.open({ theme });
		await page.locator("input[name=key]").waitFor(patient);
		await expectAccessible(page);
		await signIn(page, suite.app);
		await generate(page, `a sailing boat, ${theme}`);
		await tile(page, `a sailing boat, ${theme}`).waitFor(patient);
		await page.locator("summary").click();
		await expectAccessible(page);
		await tile(page, `a sailing boat, ${theme}`).click();
		await page.getByRole("region", { name: "Recipe" }).waitFor(patient);
		await expectAccessible(page);
		await page.keyboard.press("Escape");
		await page.setViewportSize({ width: 390, height: 844 });
		await expectAccessible(page);
		expect(suite.complaints).toEqual([]);
	});
});
