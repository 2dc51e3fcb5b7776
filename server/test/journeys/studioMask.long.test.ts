/** The studio's mask editor in a real browser: what hands, fingers and keys do to a mask, and what it refuses. */
import type { Page } from "playwright-core";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { drag, exportedMask, markedBox, openInEditor, placesOf, stageOf } from "../support/editPage.ts";
import { chromiumPath, expectAccessible, openSuite, patient, signIn } from "../support/studio.ts";
import { drawOnBlack, plainPicture } from "../support/testPictures.ts";

describe.skipIf(!chromiumPath)("the studio's mask editor", { timeout: 240_000 }, () => {
	const suite = openSuite();
	let picture: Uint8Array;
	beforeAll(async () => {
		picture = (await plainPicture(320, 200)).bytes;
	});

	async function openEditor(options: Parameters<typeof suite.open>[0] = {}): Promise<Page> {
		const page = await suite.open({ path: "/edit", ...options });
		await signIn(page, suite.app);
		await openInEditor(page, picture);
		return page;
	}

	test("everything that was done is undone and done again to the pixel, by keys and by buttons", async () => {
		const page = await openEditor();
		const states = [(await exportedMask(page)).values];
		const steps = [
			() =>
				drag(page, [
					[0.3, 0.3],
					[0.5, 0.5],
					[0.4, 0.6],
				]),
			async () => {
				await page.keyboard.press("l");
				await drag(page, [
					[0.5, 0.3],
					[0.7, 0.35],
					[0.6, 0.7],
				]);
			},
			async () => {
				await page.keyboard.press("e");
				await page.keyboard.press("[");
				await drag(page, [
					[0.4, 0.45],
					[0.6, 0.45],
				]);
			},
			() => page.getByRole("button", { name: /Grow the mask/ }).click(),
			() => page.keyboard.press("Shift+V"),
		];
		for (const step of steps) {
			await step();
			states.push((await exportedMask(page)).values);
		}
		const marks = states.map((values) => values.reduce((sum, value) => sum + value, 0));
		expect(new Set(marks).size).toBe(states.length);
		expect(marks[5]).toBe(320 * 200 - (marks[4] ?? 0));

		for (let at = 4; at >= 0; at--) {
			await (at % 2 ? page.keyboard.press("Control+z") : page.getByRole("button", { name: "Undo" }).click());
			expect((await exportedMask(page)).values).toEqual(states[at]);
		}
		for (let at = 1; at <= 5; at++) {
			await (at % 2 ? page.keyboard.press("Control+Shift+z") : page.getByRole("button", { name: "Redo" }).click());
			expect((await exportedMask(page)).values).toEqual(states[at]);
		}
		expect(suite.complaints).toEqual([]);
	});

	test("an exported mask comes back to the pixel; one of another size, lying on its side, is fitted and said so", async () => {
		const page = await openEditor();
		await drag(page, [
			[0.3, 0.3],
			[0.6, 0.6],
		]);
		const exported = await exportedMask(page);
		expect([exported.width, exported.height]).toEqual([320, 200]);
		await page.getByRole("button", { name: "Clear the mask" }).click();
		const bring = (buffer: Buffer) => page.getByLabel("Mask file").setInputFiles({ name: "mask.png", mimeType: "image/png", buffer });
		await bring(exported.bytes);
		await page.getByText("The mask was imported.").waitFor(patient);
		expect((await exportedMask(page)).values).toEqual(exported.values);

		const upright = drawOnBlack(640, 400, `<rect x="100" y="40" width="200" height="120" fill="#fff"/>`);
		await bring(
			await sharp(await upright.png().toBuffer())
				.rotate(-90)
				.withMetadata({ orientation: 6 })
				.jpeg({ quality: 100 })
				.toBuffer(),
		);
		await page.getByText("The mask was 640 x 400 px and was fitted to 320 x 200 px.").waitFor(patient);
		expect(await markedBox(page)).toEqual({ left: 50, top: 20, right: 150, bottom: 80 });
		expect(suite.complaints).toEqual([]);
	});

	test("on a touch screen one finger paints, two move and zoom and paint nothing", async () => {
		const page = await openEditor({ hasTouch: true, viewport: { width: 390, height: 844 } });
		const touch = await suite.context.newCDPSession(page);
		const at = await placesOf(page);
		const points = (...places: [number, number][]) =>
			places.map(([across, down], id) => ({ x: at(across, down)[0], y: at(across, down)[1], id }));
		const send = (type: "touchStart" | "touchMove" | "touchEnd", ...places: [number, number][]) =>
			touch.send("Input.dispatchTouchEvent", { type, touchPoints: points(...places) });
		await send("touchStart", [0.4, 0.5]);
		await send("touchMove", [0.5, 0.5]);
		await send("touchEnd");
		const marked = await markedBox(page);
		expect(marked).not.toBeNull();

		const zoom = async () => Number.parseInt((await page.getByText(/^Zoom \d+ %$/).textContent(patient))?.slice(5) ?? "", 10);
		const before = await zoom();
		await send("touchStart", [0.4, 0.4]);
		await send("touchStart", [0.4, 0.4], [0.6, 0.6]);
		await send("touchMove", [0.3, 0.3], [0.7, 0.7]);
		await send("touchEnd");
		await expect.poll(zoom, patient).toBeGreaterThan(before * 1.5);
		expect(await markedBox(page)).toEqual(marked);
		expect(await page.evaluate("window.scrollY")).toBe(0);
		expect(suite.complaints).toEqual([]);
	});

	test("a mask is drawn, a mode chosen and the edit sent by keys alone", async () => {
		const page = await openEditor();
		await stageOf(page).focus();
		await page.keyboard.press("r");
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("Enter");
		for (let step = 0; step < 2; step++) await page.keyboard.press("Shift+ArrowRight");
		await page.keyboard.press("ArrowDown");
		await page.keyboard.press("Escape");
		expect(await markedBox(page)).toBeNull();
		await page.keyboard.press("Enter");
		await page.keyboard.press("Shift+ArrowLeft");
		await page.keyboard.press("Shift+ArrowUp");
		await page.keyboard.press("Enter");
		expect(await markedBox(page)).not.toBeNull();
		// The arrow keys of the first choice go through the modes; Remove is the first.
		for (let tab = 0; tab < 40; tab++) {
			await page.keyboard.press("Tab");
			if (await page.evaluate("document.activeElement.type === 'radio'")) break;
		}
		await page.keyboard.press("ArrowRight");
		await page.getByLabel("What should be there?").waitFor(patient);
		await page.keyboard.press("ArrowLeft");
		await page.getByRole("button", { name: "Remove it" }).focus();
		await page.keyboard.press("Enter");
		await page.getByRole("button", { name: "Accept" }).waitFor(patient);
		expect(suite.complaints).toEqual([]);
	});

	test("the wheel zooms where the pointer is, the space bar moves the picture, and neither paints", async () => {
		const page = await openEditor();
		const at = await placesOf(page);
		const zoom = async () => Number.parseInt((await page.getByText(/^Zoom \d+ %$/).textContent(patient))?.slice(5) ?? "", 10);
		const fitted = await zoom();
		await page.mouse.move(...at(0.5, 0.5));
		await page.mouse.wheel(0, -600);
		await expect.poll(zoom, patient).toBeGreaterThan(fitted);
		await page.keyboard.down("Space");
		await drag(page, [
			[0.5, 0.5],
			[0.8, 0.5],
		]);
		await page.keyboard.up("Space");
		expect(await markedBox(page)).toBeNull();
		await page.keyboard.press("0");
		await expect.poll(zoom, patient).toBe(fitted);
	});

	test("what is no picture, is one of vectors or is far too large is refused with what would be right, and the page goes on", async () => {
		const page = await openEditor();
		const bring = (label: string, name: string, mimeType: string, buffer: Buffer) =>
			page.getByLabel(label).setInputFiles({ name, mimeType, buffer });
		const refused = page.getByRole("alert");
		const huge = await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: "#000" }, limitInputPixels: false })
			.png()
			.toBuffer();
		const vectors = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>`);
		for (const [name, mimeType, bytes] of [
			["notes.png", "image/png", Buffer.from("this is no picture")],
			["drawing.svg", "image/svg+xml", vectors],
			["huge.png", "image/png", huge],
		] as const) {
			await bring("Mask file", name, mimeType, bytes);
			await refused
				.getByText(/PNG|pixel|picture/i)
				.first()
				.waitFor(patient);
			expect(await markedBox(page)).toBeNull();
			await page.getByRole("button", { name: "Grow the mask" }).isDisabled();
			await bring(
				"Mask file",
				"mask.png",
				"image/png",
				await drawOnBlack(320, 200, `<rect width="9" height="9" fill="#fff"/>`).png().toBuffer(),
			);
			await page.getByText("The mask was imported.").waitFor(patient);
			await page.getByRole("button", { name: "Undo" }).click();
		}
		await page.getByRole("link", { name: "Another picture" }).click();
		for (const [name, bytes] of [
			["drawing.svg", vectors],
			["huge.png", huge],
		] as const) {
			await bring("Picture to edit", name, "image/png", bytes);
			await refused.waitFor(patient);
			await refused.getByRole("button", { name: "Close" }).click();
		}
		await openInEditor(page, picture);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone, in any mode", async (theme) => {
		const page = await openEditor({ theme });
		await drag(page, [
			[0.4, 0.4],
			[0.6, 0.6],
		]);
		await page.getByLabel("Price and queue").getByText("Total").waitFor(patient);
		await expectAccessible(page);
		await page.setViewportSize({ width: 390, height: 844 });
		await expectAccessible(page);
		for (const mode of ["Replace", "Outpaint"]) {
			await page.getByRole("radio", { name: mode }).check({ force: true });
			await expectAccessible(page);
		}
		await page.setViewportSize({ width: 1280, height: 800 });
		await expectAccessible(page);
		await page.getByRole("link", { name: "Another picture" }).click();
		await page.getByRole("button", { name: "Choose a picture" }).waitFor(patient);
		await expectAccessible(page);
		expect(suite.complaints).toEqual([]);
	});
});
