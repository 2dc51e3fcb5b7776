import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import sharp from "sharp";
import { patient } from "./studio.ts";

/** Chooses a picture file on the studio's Edit page and waits until it lies in the editor. */
export async function openInEditor(page: Page, bytes: Uint8Array, name = "picture.png"): Promise<void> {
	await page.getByLabel("Picture to edit").setInputFiles({ name, mimeType: "image/png", buffer: Buffer.from(bytes) });
	await stageOf(page).waitFor(patient);
	await page.getByRole("status").filter({ hasText: "Nothing is marked" }).waitFor(patient);
}

export const stageOf = (page: Page): Locator => page.getByRole("application", { name: "Picture" });

/** Where parts of the stage's sides are in the window. */
export async function placesOf(page: Page): Promise<(across: number, down: number) => [x: number, y: number]> {
	const box = await stageOf(page).boundingBox();
	if (!box) throw new Error("there is no stage");
	return (across, down) => [box.x + box.width * across, box.y + box.height * down];
}

/** Draws with the main button through parts of the stage's sides. */
export async function drag(page: Page, through: readonly (readonly [number, number])[]): Promise<void> {
	const at = await placesOf(page);
	const [first = [0, 0], ...rest] = through;
	await page.mouse.move(...at(...first));
	await page.mouse.down();
	for (const place of rest) await page.mouse.move(...at(...place), { steps: 4 });
	await page.mouse.up();
}

export interface MarkedBox {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

/** Around the mask, as the page tells it; null: nothing is marked. */
export async function markedBox(page: Page): Promise<MarkedBox | null> {
	const text =
		(await page
			.getByRole("status")
			.filter({ hasText: /marked|Marked/ })
			.textContent(patient)) ?? "";
	const [, width, height, left, top] = /Marked: (\d+) x (\d+) px at (\d+), (\d+)/.exec(text)?.map(Number) ?? [];
	if (width === undefined || height === undefined || left === undefined || top === undefined) return null;
	return { left, top, right: left + width, bottom: top + height };
}

/** The mask as its exported file has it: 1 for white, 0 for black. */
export async function exportedMask(page: Page): Promise<{ bytes: Buffer; width: number; height: number; values: Uint8Array }> {
	const [download] = await Promise.all([page.waitForEvent("download", patient), page.getByRole("button", { name: "Export" }).click()]);
	const bytes = await readFile(await download.path());
	const { data, info } = await sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
	const values = Uint8Array.from({ length: info.width * info.height }, (_, at) => (data[at * info.channels] ?? 0) / 255);
	return { bytes, width: info.width, height: info.height, values };
}
