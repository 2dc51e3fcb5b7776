/** Pictures changed in the studio's editor in a real browser, on the real platform with what ships; what came out is read over the API. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { download } from "../http/call.ts";
import { drag, markedBox, openInEditor, stageOf } from "../support/editPage.ts";
import { chromiumPath, openSuite, patient, signIn } from "../support/studio.ts";
import { drawShapes } from "../support/testPictures.ts";

describe.skipIf(!chromiumPath)("the studio's editor, to the result", { timeout: 240_000 }, () => {
	const suite = openSuite();

	async function openPage(path = "/edit"): Promise<Page> {
		const page = await suite.open({ path });
		await signIn(page, suite.app);
		return page;
	}
	const scene = () =>
		drawShapes(240, 160, `<rect width="240" height="160" fill="#90b060"/><circle cx="120" cy="80" r="14" fill="#602010"/>`)
			.removeAlpha()
			.png()
			.toBuffer();
	const raw = async (bytes: Uint8Array) => sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });

	/** The newest job, over the API. */
	async function newestEdit() {
		const { text } = await suite.call("GET", "/api/v1/jobs?limit=1");
		const [job] = JSON.parse(text).data;
		const { bytes } = await download(job.images[0].url);
		return { job, bytes, after: await raw(bytes) };
	}
	interface Box {
		left: number;
		top: number;
		right: number;
		bottom: number;
	}
	/** Pixels that differ inside a box and outside of it. */
	function compare(before: Awaited<ReturnType<typeof raw>>, after: Awaited<ReturnType<typeof raw>>, { left, top, right, bottom }: Box) {
		expect(after.info).toMatchObject({ width: before.info.width, height: before.info.height });
		const found = { inside: 0, outside: 0 };
		for (let at = 0; at < before.info.width * before.info.height; at++) {
			if (before.data.compare(after.data, 3 * at, 3 * at + 3, 3 * at, 3 * at + 3) === 0) continue;
			const [x, y] = [at % before.info.width, Math.floor(at / before.info.width)];
			found[x >= left && x < right && y >= top && y < bottom ? "inside" : "outside"]++;
		}
		return found;
	}
	const around = (box: Box | null, by: number): Box => {
		expect(box).not.toBeNull();
		const { left, top, right, bottom } = box ?? { left: 0, top: 0, right: 0, bottom: 0 };
		return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
	};
	/** What it costs and who does it stand there before anything can be clicked. */
	async function expectPriced(page: Page): Promise<void> {
		await page.getByText("Done by:").waitFor(patient);
		await page.getByLabel("Price and queue").getByText("Total").waitFor(patient);
		expect(await page.getByRole("button", { name: "Remove it" }).isDisabled()).toBe(true);
	}
	const accept = (page: Page) => page.getByRole("button", { name: "Accept" });

	test("a thing is removed, another drawn in its place, and one more added to that; nothing else changes by a bit", async () => {
		const input = await scene();
		const page = await openPage();
		await openInEditor(page, input);
		await expectPriced(page);
		await page.keyboard.press("r");
		await drag(page, [
			[0.4, 0.35],
			[0.6, 0.65],
		]);
		const removed = around(await markedBox(page), 4);
		await page.getByRole("button", { name: "Remove it" }).click();
		await accept(page).waitFor(patient);
		const first = await newestEdit();
		expect(first.job).toMatchObject({ workflow: "edit", request: { operation: "remove" } });
		const original = await raw(input);
		const changes = compare(original, first.after, removed);
		expect(changes.outside).toBe(0);
		expect(changes.inside).toBeGreaterThan(400);

		// The result lies over the picture; the slider and the button go back to before.
		await page.getByLabel("How much of the picture before is shown").fill("0.5");
		await page.getByText("After", { exact: true }).waitFor(patient);
		await accept(page).click();
		await page.getByText("Edit 1", { exact: true }).waitFor(patient);
		expect(await markedBox(page)).toBeNull();

		await page.getByRole("radio", { name: "Replace" }).check({ force: true });
		await drag(page, [
			[0.3, 0.3],
			[0.5, 0.6],
		]);
		const replaced = around(await markedBox(page), 4);
		expect(await page.getByText("Say what is to be there.").isVisible()).toBe(true);
		await page.getByLabel("What should be there?").fill("a red apple");
		await page.keyboard.press("Control+Enter");
		await accept(page).waitFor(patient);
		const second = await newestEdit();
		expect(second.job).toMatchObject({ model: "embedded", request: { operation: "replace", prompt: "a red apple" } });
		const repainted = compare(first.after, second.after, replaced);
		expect(repainted.outside).toBe(0);
		expect(repainted.inside).toBeGreaterThan(400);

		// What is not wanted goes away here and stays among the jobs; the picture is the one before.
		await page.getByRole("button", { name: "Discard" }).click();
		await page.getByRole("radio", { name: "Insert" }).check({ force: true });
		await page.getByRole("button", { name: "Insert it" }).click();
		await accept(page).waitFor(patient);
		const third = await newestEdit();
		expect(third.job).toMatchObject({ request: { operation: "insert" } });
		expect(third.job.id).not.toBe(second.job.id);
		expect(compare(first.after, third.after, replaced).outside).toBe(0);
		await accept(page).click();
		await page.getByText("Edit 2", { exact: true }).waitFor(patient);
		await page.getByRole("button", { name: "Back to this" }).last().click();
		await expect.poll(() => page.getByText("Edit 1", { exact: true }).count(), patient).toBe(0);
		expect(suite.complaints).toEqual([]);
	});

	test("a picture is enlarged by its handles and by a shape; what was there stays to the bit", async () => {
		const input = await scene();
		const page = await openPage();
		await openInEditor(page, input);
		await page.getByRole("radio", { name: "Outpaint" }).check({ force: true });
		const left = page.getByRole("slider", { name: "Pixels to add on the left" });
		await left.focus();
		await page.keyboard.press("Shift+ArrowLeft");
		const handle = await page.getByRole("slider", { name: "Pixels to add at the bottom" }).boundingBox();
		const [x, y] = [(handle?.x ?? 0) + (handle?.width ?? 0) / 2, (handle?.y ?? 0) + (handle?.height ?? 0) / 2];
		await page.mouse.move(x, y);
		await page.mouse.down();
		await page.mouse.move(x, y + 60, { steps: 4 });
		await page.mouse.up();
		const added = {
			left: Number(await left.getAttribute("aria-valuenow")),
			bottom: Number(await page.getByRole("slider", { name: "Pixels to add at the bottom" }).getAttribute("aria-valuenow")),
		};
		expect(added.left).toBe(64);
		expect(added.bottom).toBeGreaterThan(0);
		await page.getByRole("button", { name: "Extend the picture" }).click();
		await accept(page).waitFor(patient);
		const { job, after } = await newestEdit();
		expect(job).toMatchObject({ model: "mirror", request: { operation: "outpaint" } });
		expect(after.info).toMatchObject({ width: 240 + added.left, height: 160 + added.bottom });
		const kept = await sharp(after.data, { raw: { width: after.info.width, height: after.info.height, channels: 3 } })
			.extract({ left: added.left + 16, top: 0, width: 240 - 16, height: 160 - 16 })
			.raw()
			.toBuffer();
		const before = await sharp(input)
			.removeAlpha()
			.extract({ left: 16, top: 0, width: 240 - 16, height: 160 - 16 })
			.raw()
			.toBuffer();
		expect(kept.equals(before)).toBe(true);

		await accept(page).click();
		await page.getByText("Edit 1", { exact: true }).waitFor(patient);
		await page.getByRole("radio", { name: "16:9" }).check({ force: true });
		await page.getByText(/becomes \d+ x \d+ px/).waitFor(patient);
		const [, width = 0, height = 1] =
			/becomes (\d+) x (\d+) px/.exec((await page.getByText(/becomes/).textContent()) ?? "")?.map(Number) ?? [];
		expect(Math.abs((height * 16) / 9 - width)).toBeLessThanOrEqual(1);
		expect(suite.complaints).toEqual([]);
	});

	test("a reload keeps the mask, and finds an edit that was sent; a picture of a job opens by its address", async () => {
		const accepted = await suite.call("POST", "/api/v1/generations", { body: { prompt: "a red fox", seed: 1 } });
		const page = await openPage();
		await expect.poll(() => page.getByRole("link", { name: "Edit a red fox" }).count(), patient).toBe(1);
		await page.getByRole("link", { name: "Edit a red fox" }).click();
		await stageOf(page).waitFor(patient);
		expect(page.url()).toContain(`/edit?picture=${accepted.body.id}.0`);
		await drag(page, [
			[0.45, 0.45],
			[0.55, 0.5],
		]);
		const marked = await markedBox(page);
		expect(marked).not.toBeNull();
		await page.getByLabel("Soft edge").fill("9");
		await page.reload();
		await stageOf(page).waitFor(patient);
		await expect.poll(() => markedBox(page), patient).toEqual(marked);
		expect(await page.getByLabel("Soft edge").inputValue()).toBe("9");

		await page.getByRole("button", { name: "Remove it" }).click();
		await page.getByRole("region", { name: "Results" }).getByRole("listitem").first().waitFor(patient);
		await page.reload();
		await accept(page).waitFor(patient);
		expect(suite.complaints).toEqual([]);
	});

	test("a photograph that lies on its side is worked on upright, and its result too", async () => {
		const photograph = await readFile(join(import.meta.dirname, "../data/photographs/rocket.jpg"));
		const upright = await sharp(photograph).resize(300, 200).toBuffer();
		const lying = await sharp(upright).rotate(-90).jpeg({ quality: 90 }).withMetadata({ orientation: 6 }).toBuffer();
		const page = await openPage();
		await openInEditor(page, lying, "photograph.jpg");
		await page.getByText("300 x 200 px").waitFor(patient);
		await drag(page, [
			[0.6, 0.4],
			[0.65, 0.6],
		]);
		await page.getByRole("button", { name: "Remove it" }).click();
		await accept(page).waitFor(patient);
		expect((await newestEdit()).after.info).toMatchObject({ width: 300, height: 200 });
	});
});
