// `node tools/node24.js bench/paint/paint.ts [--strokes 20]`: how long the studio's mask editor takes from a pointer's move to the painted
// frame, in headless Chromium without a GPU, on pictures of 512 and of 4096 px. The page is the built one, on the real server.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { startApp } from "../../server/src/app.ts";
import { readConfig } from "../../server/src/config.ts";
import { openChromium } from "../../tools/setup/chromium.ts";
import { describeHardware } from "../support/machine.ts";
import { median, percentile, round } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { withCleanUp } from "../support/withCleanUp.ts";

const { values } = parseArgs({ options: { strokes: { type: "string", default: "20" } } });
const strokes = Number(values.strokes);
const movesPerStroke = 30;
/** A hand that is sampled 60 times a second. */
const moveEveryMs = 16;
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];

/** In the page: from each move's own time to after the frame that painted it; and every gap between frames meanwhile. */
const watch = `
	globalThis.latencies = [];
	globalThis.frames = [];
	addEventListener("pointermove", (event) => {
		if (event.buttons !== 1) return;
		requestAnimationFrame(() => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => latencies.push(performance.now() - event.timeStamp);
			port2.postMessage(null);
		});
	});
	{
		let last = performance.now();
		const frame = (now) => {
			frames.push(now - last);
			last = now;
			requestAnimationFrame(frame);
		};
		requestAnimationFrame(frame);
	}
`;

/** A square picture as a JPEG in base64, made in the page. Many small fields of colour. */
const drawPicture = (sidePx: number) => `(async () => {
	const canvas = new OffscreenCanvas(${sidePx}, ${sidePx});
	const context = canvas.getContext("2d");
	for (let at = 0; at < 4096; at++) {
		context.fillStyle = "hsl(" + ((at * 137) % 360) + " 60% " + (20 + ((at * 61) % 60)) + "%)";
		context.fillRect(((at % 64) * ${sidePx}) / 64, (Math.floor(at / 64) * ${sidePx}) / 64, ${sidePx} / 64, ${sidePx} / 64);
	}
	const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
	return bytes.toBase64();
})()`;

async function openPicture(page: Page, sidePx: number): Promise<void> {
	const buffer = Buffer.from(await page.evaluate<string>(drawPicture(sidePx)), "base64");
	await page.getByLabel("Picture to edit").setInputFiles({ name: "picture.jpg", mimeType: "image/jpeg", buffer });
	await page.getByText(`${sidePx} x ${sidePx} px`).waitFor({ timeout: 180_000 });
	await page.getByRole("application").waitFor();
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Wavy strokes over the whole stage. */
async function paint(page: Page): Promise<void> {
	const box = await page.getByRole("application").boundingBox();
	if (!box) throw new Error("there is no stage");
	for (let stroke = 0; stroke < strokes; stroke++) {
		const at = (share: number): [number, number] => [
			box.x + box.width * (0.25 + 0.5 * share),
			box.y + box.height * (0.2 + (0.6 * stroke) / strokes + 0.05 * Math.sin(9 * share)),
		];
		await page.mouse.move(...at(0));
		await page.mouse.down();
		for (let move = 1; move <= movesPerStroke; move++) {
			await page.mouse.move(...at(move / movesPerStroke));
			await pause(moveEveryMs);
		}
		await page.mouse.up();
	}
}

/** The longest that a frame was late after a press of this key or button, in milliseconds. */
async function stallMs(page: Page, act: () => Promise<void>): Promise<number> {
	await page.evaluate("frames.length = 0");
	await act();
	await pause(1_500);
	return Math.max(...(await page.evaluate<number[]>("frames")));
}

async function measure(page: Page, sidePx: number): Promise<string[]> {
	await openPicture(page, sidePx);
	await page.evaluate(watch);
	await paint(page);
	const latencies = await page.evaluate<number[]>("latencies");
	const undo = await stallMs(page, () => page.keyboard.press("Control+z"));
	const grow = await stallMs(page, () => page.getByRole("button", { name: /Grow the mask/ }).click());
	const invert = await stallMs(page, () => page.keyboard.press("Shift+V"));
	const figures = [median(latencies), percentile(latencies, 0.95), Math.max(...latencies), undo, grow, invert];
	return [`${sidePx} x ${sidePx}`, String(latencies.length), ...figures.map(round)];
}

await withCleanUp(async (later) => {
	const found = await openChromium();
	if (!found.found) throw new Error(found.why);
	const dataDir = await mkdtemp(path.join(os.tmpdir(), "glassworks-bench-"));
	later(() => rm(dataDir, { recursive: true, force: true }));
	const app = await startApp(readConfig({ GLASSWORKS_DATA: dataDir, GLASSWORKS_PORT: "0", GLASSWORKS_LOG_LEVEL: "error" }), {
		services: ["api", "worker"],
	});
	later(() => app.close());
	const browser = await chromium.launch({ executablePath: found.value, args: flags });
	later(() => browser.close());
	console.log(describeHardware());
	console.log(
		`${found.about}, without a GPU, window of 1280 x 800; ${strokes} strokes of ${movesPerStroke} moves, ${moveEveryMs} ms apart`,
	);
	const rows = [["picture", "moves", "pointer to paint ms, median", "p95", "worst", "undo ms", "grow ms", "invert ms"]];
	for (const sidePx of [512, 4096]) {
		const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
		await page.goto(new URL("/edit", app.url).href);
		await page.locator("input[name=key]").fill(app.ownerKey ?? "");
		await page.getByRole("button", { name: "Sign in", exact: true }).click();
		await page.getByRole("button", { name: "Choose a picture" }).waitFor({ timeout: 60_000 });
		rows.push(await measure(page, sidePx));
		await page.close();
	}
	printTable(rows);
});
