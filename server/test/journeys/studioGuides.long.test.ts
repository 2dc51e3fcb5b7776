import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { JobBody } from "../../src/contract/job.ts";
import { finished } from "../http/call.ts";
import { type ScriptedWorker, startScriptedWorker } from "../support/scriptedWorker.ts";
import { chromiumPath, expectAccessible, openSuite, patient } from "../support/studio.ts";
import { startTestApp } from "../support/testApp.ts";
import { plainPicture } from "../support/testPictures.ts";

const config = fileURLToPath(new URL("../support/guided.config.ts", import.meta.url));

describe.skipIf(!chromiumPath)("pictures and add-ons that guide a model, in a real browser", { timeout: 240_000 }, () => {
	// Scripted workers say once that they live.
	const suite = openSuite(() =>
		startTestApp({ GLASSWORKS_CONFIG: config, GLASSWORKS_HEARTBEAT_MS: "200000", GLASSWORKS_LEASE_MS: "600000" }),
	);
	let worker: ScriptedWorker;
	let png: Uint8Array<ArrayBuffer>;
	beforeAll(async () => {
		png = new Uint8Array((await plainPicture(64, 64)).bytes);
		worker = await startScriptedWorker(suite.app.url, suite.call, {
			pools: ["gpu"],
			traits: {
				"generate:sdxl": {
					...{ imageToImage: true, controlNets: ["sdxl-canny", "sdxl-depth"], maxControlNets: null, preprocessors: ["canny"] },
					loras: ["etching", "fog"],
				},
			},
		});
	}, 240_000);

	async function open(path = "/", key = suite.app.ownerKey): Promise<Page> {
		const page = await suite.open({ path, key, permissions: ["clipboard-read", "clipboard-write"] });
		await page.getByLabel("What should it show?").waitFor(patient);
		return page;
	}
	/** Hands a picture over as a browser does when one is dropped on a part of the page, or pasted. */
	const hand = (page: Page, kind: "drop" | "paste", label: string) =>
		page.evaluate(`(() => {
			const bytes = Uint8Array.from(atob("${Buffer.from(png).toString("base64")}"), (letter) => letter.charCodeAt(0));
			const data = new DataTransfer();
			data.items.add(new File([bytes], "picture.png", { type: "image/png" }));
			const target = document.querySelector('section[aria-label="${label}"]') ?? document.body;
			target.dispatchEvent("${kind}" === "drop"
				? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
				: new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
		})()`);
	const chosen = (page: Page, label: string) => page.getByRole("button", { name: `${label}: take it away` }).waitFor(patient);

	test("three stacked guides are dropped, pasted and chosen, priced before, drawn, and shared as a recipe", async () => {
		const page = await open();
		await page.getByRole("region", { name: "Model" }).getByRole("button").click();
		await page.getByRole("radio", { name: /^Stable Diffusion XL/ }).check({ force: true });
		await page.getByLabel("What should it show?").fill("a lighthouse");
		await hand(page, "paste", "Start from a picture");
		await chosen(page, "Start from a picture");
		await page.getByRole("button", { name: "Add a ControlNet" }).click();
		await hand(page, "drop", "Picture of ControlNet 1");
		await chosen(page, "Picture of ControlNet 1");
		await page.getByRole("button", { name: "Add a ControlNet" }).click();
		await page.getByLabel("Kind of ControlNet 2").selectOption("sdxl-depth");
		const [chooser] = await Promise.all([
			page.waitForEvent("filechooser", patient),
			page.getByRole("region", { name: "Picture of ControlNet 2" }).getByRole("button", { name: "File" }).click(),
		]);
		await chooser.setFiles({ name: "depth.png", mimeType: "image/png", buffer: Buffer.from(png) });
		await chosen(page, "Picture of ControlNet 2");
		await page.getByLabel("Add a LoRA").selectOption("etching");
		await page.getByLabel("Add a LoRA").selectOption("fog");
		await page.getByLabel("Strength of fog").fill("0.5");
		for (const label of ["Upscale 4x", "Restore faces"]) await page.getByRole("switch", { name: label }).uncheck({ force: true });
		await page.getByLabel("Price and queue").getByText("Your place").waitFor(patient);
		await expectAccessible(page);
		await page.getByRole("button", { name: "Generate", exact: true }).click();
		const work = await worker.claim("gpu");
		await worker.succeed(work, png);
		const [job] = (await suite.call("GET", "/api/v1/jobs")).body.data as unknown as JobBody[];
		expect(job?.request).toMatchObject({
			...{ prompt: "a lighthouse", model: "sdxl", image: { width: 64, height: 64 } },
			controls: [
				{ net: "sdxl-canny", preprocess: true, image: { width: 64 } },
				{ net: "sdxl-depth", preprocess: false, image: { width: 64 } },
			],
			loras: [
				{ name: "etching", strength: 1 },
				{ name: "fog", strength: 0.5 },
			],
		});
		if (job) await finished(suite.call, suite.app.ownerKey, job);
		await page
			.getByRole("button", { name: "a lighthouse" })
			.filter({ has: page.getByRole("img") })
			.click(patient);
		await page.getByRole("button", { name: "Copy a link to the recipe" }).click(patient);
		await page.getByText("Copied").waitFor(patient);
		const link = await page.evaluate<string>("navigator.clipboard.readText()");
		expect(suite.complaints).toEqual([]);
		await page.context().close();

		const { key } = await suite.app.createTenant("enterprise", { creditMicroUsd: 1_000_000 });
		const other = await open(link.slice(new URL(link).origin.length), key);
		await expect.poll(() => other.getByLabel("What should it show?").inputValue(), patient).toBe("a lighthouse");
		expect(await other.getByLabel("Strength of fog").inputValue()).toBe("0.5");
		await other.getByLabel("Strength of etching").waitFor(patient);
		// Pictures are the first account's own: none came along.
		expect(await other.getByRole("button", { name: "Add a ControlNet" }).count()).toBe(1);
		expect(await other.getByLabel("Kind of ControlNet 1").count()).toBe(0);
		expect(suite.complaints).toEqual([]);
	});

	test("before the click, a step that no engine at hand can run is named as one that would wait", async () => {
		const page = await open();
		await page.getByRole("region", { name: "Model" }).getByRole("button").click();
		await page.getByRole("radio", { name: /^Flux dev/ }).check({ force: true });
		await page.getByLabel("Price and queue").getByText("Picture would wait:").waitFor(patient);
		await page.getByLabel("Price and queue").getByText("No engine at hand has flux.").waitFor(patient);
		expect(suite.complaints).toEqual([]);
	});

	test("where the model of a picture takes none, Variations says with which model they are made", async () => {
		const body = { prompt: "a red fox", steps: 2, width: 64, height: 64, upscale: false, restore_faces: false };
		const accepted = await suite.call("POST", "/api/v1/generations", { body });
		const job = await finished(suite.call, suite.app.ownerKey, accepted.body);
		const page = await suite.open({ path: `/gallery?picture=${job.id}.0`, key: suite.app.ownerKey });
		const recipe = page.getByRole("region", { name: "Recipe" });
		await recipe.getByRole("button", { name: "Variations" }).waitFor(patient);
		const { body: models } = await suite.call("GET", "/api/v1/models");
		const takes = (models.data as unknown as { name: string; takes: { image: boolean } }[]).find(({ name }) => name === "embedded")?.takes
			.image;
		expect(await recipe.getByRole("button", { name: takes ? "Variations" : /^Variations with/ }).isEnabled()).toBe(true);
		await recipe.getByRole("button", { name: "Variations" }).click();
		await chosen(page, "Start from a picture");
		expect(await page.getByRole("radio", { name: "4 pictures" }).isChecked()).toBe(true);
		expect(suite.complaints).toEqual([]);
	});
});
