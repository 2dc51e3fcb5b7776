import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type ScriptedWorker, startScriptedWorker } from "../support/scriptedWorker.ts";
import { chromiumPath, expectAccessible, openSuite, patient } from "../support/studio.ts";

const data = (name: string) => readFileSync(join(import.meta.dirname, "../data/comfyui", name));

describe.skipIf(!chromiumPath)("workflows in the studio", { timeout: 240_000 }, () => {
	const suite = openSuite();
	/** Describes the nodes that graphs are read with. */
	let comfyui: ScriptedWorker;
	beforeAll(async () => {
		const nodes = JSON.parse(data("object_info.json").toString());
		comfyui = await startScriptedWorker(suite.app.url, suite.call, { pools: ["gpu"], traits: { "graph:comfyui": {} }, nodes });
	});

	const open = (path: string, options: { key?: string; theme?: "dark" | "light" } = {}) =>
		suite.open({ path, key: suite.app.ownerKey, ...options });

	async function drop(page: Page, name: string, buffer: Buffer): Promise<void> {
		// On a busy machine it is long since it said anything.
		await comfyui.hello();
		const file = { name, mimeType: "application/json", buffer };
		await page.getByLabel("Drop a workflow's JSON file, or choose one").setInputFiles(file, patient);
	}

	test("a template is run from its form, with the price before and the picture after", async () => {
		const page = await open("/workflows");
		await page.getByRole("link", { name: /^Portrait/ }).click(patient);
		await page.getByText("Still to give: Prompt.").waitFor(patient);
		await page.getByLabel("Price and queue").getByText("Total").waitFor(patient);
		await page.getByLabel("Prompt", { exact: true }).fill("a red fox");
		await page.getByText(/more settings$/).click();
		await page.getByLabel("Seed").fill("7");
		await page.getByRole("button", { name: "Run", exact: true }).last().click();
		await page.getByRole("region", { name: "Results" }).getByRole("img", { name: "a red fox" }).waitFor(patient);
		await page.getByRole("button", { name: "API" }).click();
		await page.getByText("Python", { exact: true }).click();
		const code = (await page.locator("pre").textContent()) ?? "";
		expect(code).toContain('"prompt": "a red fox"');
		expect(code).toContain('"seed": 7');
		expect(suite.complaints).toEqual([]);
	});

	test("a ComfyUI file is checked, named, saved, versioned and shared by link", async () => {
		const graph = data("graphs/sd15-t2i.json");
		const page = await open("/workflows/import");
		await drop(page, "Shop draft.json", graph);
		await page.getByText("It can be saved").waitFor(patient);
		expect(await page.getByLabel("Name in addresses").inputValue()).toBe("shop-draft");
		await page.getByLabel("Title", { exact: true }).fill("Shop draft");
		await page.getByLabel("Title of prompt", { exact: true }).fill("What to show");
		await page.getByLabel(/^A run may set .*negative/i).uncheck();
		await expectAccessible(page);
		await page.getByRole("button", { name: "Save the workflow" }).click();
		await page.getByRole("heading", { name: "Shop draft" }).waitFor(patient);
		await page.getByLabel("What to show").waitFor(patient);
		const saved = await suite.call("GET", "/api/v1/workflows/shop-draft");
		expect(saved.text).toContain('"name":"prompt"');
		expect(saved.text).not.toContain('"name":"negative_prompt"');

		await page.getByRole("button", { name: "Steps and versions" }).click();
		await page.getByRole("link", { name: "Import the next version" }).click();
		await drop(page, "again.json", graph);
		await page.getByText("It can be saved").waitFor(patient);
		await page.getByRole("button", { name: "Save the workflow" }).click();
		await page.getByRole("heading", { name: "shop-draft" }).waitFor(patient);
		await page.getByRole("button", { name: "Steps and versions" }).click();
		await page.getByRole("link", { name: "Version 1" }).click();
		await page.getByText("This is version 1.").waitFor(patient);

		await page.goto(`${suite.app.url}/workflows/shop-draft?part=share`);
		await page.getByText("Whoever has the link", { exact: true }).click(patient);
		const link = (await page.getByLabel("Link", { exact: true }).textContent(patient)) ?? "";
		expect(link).toContain("/workflows/wfs_");
		await suite.context.close();

		const { key } = await suite.app.createTenant("pro", { creditMicroUsd: 1_000_000 });
		const guest = await open(new URL(link).pathname, { key });
		await guest.getByLabel("Prompt", { exact: true }).waitFor(patient);
		expect(await guest.getByRole("button", { name: "Share" }).count()).toBe(0);
	});

	test("what of a file cannot be carried over is named, node by node", async () => {
		const graph = JSON.parse(data("graphs/sd15-t2i.json").toString());
		const page = await open("/workflows/import");
		await drop(page, "broken.json", Buffer.from("{ not json"));
		await page.getByText("The file is not JSON.").waitFor(patient);

		const stray = { class_type: "VAEDecode", inputs: { samples: ["404", 0] } };
		await drop(page, "stray.json", Buffer.from(JSON.stringify({ ...graph, 99: stray })));
		await page.getByRole("listitem").filter({ hasText: "99.inputs.samples" }).getByText("404").waitFor(patient);
		await expectAccessible(page);
		await page.getByRole("button", { name: "Another file" }).click();

		await drop(page, "unknown.json", Buffer.from(JSON.stringify({ ...graph, 99: { class_type: "NoSuchNode", inputs: {} } })));
		await page.getByText("NoSuchNode").first().waitFor(patient);
		await expectAccessible(page);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		const page = await open("/workflows", { theme });
		for (const width of [1280, 390]) {
			await page.setViewportSize({ width, height: 844 });
			await page.goto(`${suite.app.url}/workflows`);
			await page.getByRole("link", { name: /^Portrait/ }).waitFor(patient);
			await expectAccessible(page);
			for (const part of ["run", "steps", "api"]) {
				await page.goto(`${suite.app.url}/workflows/upscale?part=${part}`);
				await page.getByRole("heading", { name: "Upscale a picture" }).waitFor(patient);
				await expectAccessible(page);
			}
		}
		expect(suite.complaints).toEqual([]);
	});
});
