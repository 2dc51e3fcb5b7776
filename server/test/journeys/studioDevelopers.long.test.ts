import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caller } from "../http/call.ts";
import { chromiumPath, expectAccessible, openSuite, patient } from "../support/studio.ts";
import { startTestApp } from "../support/testApp.ts";

describe.skipIf(!chromiumPath)("what developers find in the studio", { timeout: 240_000 }, () => {
	const suite = openSuite(() => startTestApp({ GLASSWORKS_ALLOW_PRIVATE_NETWORKS: "127.0.0.0/8" }));
	let receiver: Server;
	/** What the receiver answers. */
	let answer = 200;
	beforeAll(async () => {
		receiver = createServer((request, reply) => {
			request.resume();
			reply.writeHead(answer).end(`answered ${answer}`);
		});
		await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
	});
	afterAll(() => void receiver?.close());

	const open = (path: string, options: { key?: string; theme?: "dark" | "light" } = {}) =>
		suite.open({ path, key: suite.app.ownerKey, ...options });

	const statusOf = async (secret: string) => (await caller(suite.app.url, secret)("GET", "/api/v1/account")).status;

	test("a key is made with its caps, shown once, used, rotated and revoked", async () => {
		const page = await open("/developers");
		await page.getByRole("button", { name: "New key" }).click(patient);
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Name").fill("shop");
		await dialog.getByLabel("Dollars of credit a month").fill("12.5");
		await dialog.getByLabel("Steps").fill("20");
		await dialog.getByLabel("Built-in").check();
		await expectAccessible(page);
		await dialog.getByRole("button", { name: "Make the key" }).click();
		const secret = (await dialog.getByLabel("Its secret").textContent(patient)) ?? "";
		expect(secret).toMatch(/^gw_/);
		expect(await statusOf(secret)).toBe(200);
		await dialog.getByRole("button", { name: "I have it" }).click();
		const row = page.getByRole("listitem").filter({ hasText: "shop" });
		await row.getByText("$0.00 of $12.50 this month; up to 20 steps; embedded").waitFor(patient);
		expect(await page.content()).not.toContain(secret);

		await row.getByRole("button", { name: "Rotate shop" }).click();
		await dialog.getByLabel("The old secret should").selectOption("Stop at once");
		await dialog.getByRole("button", { name: "Make a new secret" }).click();
		const next = (await dialog.getByLabel("Its secret").textContent(patient)) ?? "";
		expect([await statusOf(secret), await statusOf(next)]).toEqual([401, 200]);
		await dialog.getByRole("button", { name: "I have it" }).click();

		await page.getByRole("button", { name: "Change shop" }).click();
		await dialog.getByLabel("Steps").fill("9");
		await dialog.getByRole("button", { name: "Save" }).click();
		await page.getByText("up to 9 steps").waitFor(patient);
		await page.getByRole("button", { name: "Revoke shop" }).click();
		await dialog.getByRole("button", { name: "Revoke the key" }).click();
		await expect.poll(() => statusOf(next), patient).toBe(401);
		await page.getByRole("button", { name: "Revoke shop" }).waitFor({ state: "detached", ...patient });
		expect(suite.complaints).toEqual([]);
	});

	test("a webhook is made, tested, its answers are read, and what failed is sent again", async () => {
		const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
		const page = await open("/developers/webhooks");
		await page.getByRole("button", { name: "New webhook" }).click(patient);
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Address").fill("http://10.0.0.1/hook");
		await dialog.getByRole("button", { name: "Make the webhook" }).click();
		await dialog.getByRole("alert").waitFor(patient);
		await dialog.getByLabel("Address").fill(url);
		await dialog.getByLabel("Everything").uncheck();
		await dialog.getByRole("button", { name: "Make the webhook" }).click();
		const secret = await dialog.getByLabel("Its signing secret").textContent(patient);
		expect(secret).toMatch(/^whsec_/);
		await dialog.getByRole("button", { name: "Done" }).click();
		await page.getByRole("link", { name: url }).click();

		answer = 500;
		await page.getByRole("button", { name: "Send a test" }).click(patient);
		await page.getByRole("button", { name: "webhook.test" }).click(patient);
		await page.getByText("answered 500").waitFor(patient);
		answer = 200;
		await page.getByRole("button", { name: "Send it again" }).click();
		await page.getByText("answered 200").waitFor(patient);
		await page.getByRole("button", { name: "Show it" }).click();
		await page
			.getByLabel("Signing secret", { exact: true })
			.getByText(secret ?? "")
			.waitFor(patient);
		await page.getByRole("button", { name: "Make a new one" }).click();
		await page.getByText("The one before signs too until").waitFor(patient);
		await expectAccessible(page);

		await page.getByRole("button", { name: "Switch off" }).click();
		await page.getByText("Switched off").first().waitFor(patient);
		await page.getByRole("button", { name: "Remove" }).click();
		await dialog.getByRole("button", { name: "Remove" }).click();
		await page.getByText("No webhook yet").waitFor(patient);
	});

	test("usage is drawn and listed by model and by key, and taken away as CSV", async () => {
		const { id } = (await suite.call("POST", "/api/v1/generations", { body: { prompt: "a red fox", count: 2 } })).body;
		await expect.poll(async () => (await suite.call("GET", `/api/v1/jobs/${id}`)).body.status, patient).toBe("succeeded");
		const page = await open("/developers/usage");
		await page.getByRole("img", { name: "Pictures of each day" }).waitFor(patient);
		await page.getByRole("cell", { name: "embedded" }).first().waitFor(patient);
		await page.getByText("By key", { exact: true }).click();
		await page.getByRole("columnheader", { name: "Key" }).waitFor(patient);
		const download = page.waitForEvent("download");
		await page.getByRole("button", { name: "CSV" }).click();
		expect((await download).suggestedFilename()).toMatch(/^usage-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
		await page.getByLabel("To", { exact: true }).fill("2020-01-31");
		await page.getByLabel("From", { exact: true }).fill("2020-01-01");
		await page.getByText("No picture was made in this time.").waitFor(patient);
	});

	test("who may not manage the account sees usage alone", async () => {
		const { key } = await suite.app.createTenant("starter", { creditMicroUsd: 0 });
		const page = await open("/developers", { key });
		await page.getByText("No picture was made in this time.").waitFor(patient);
		expect(await page.getByRole("link", { name: "API keys" }).count()).toBe(0);
		expect(suite.complaints).toEqual([]);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		const page = await open("/developers/keys", { theme });
		for (const width of [1280, 390]) {
			await page.setViewportSize({ width, height: 844 });
			await page.goto(`${suite.app.url}/developers/keys`);
			await page
				.getByRole("button", { name: /^Revoke/ })
				.first()
				.waitFor(patient);
			await expectAccessible(page);
			await page.goto(`${suite.app.url}/developers/webhooks`);
			await page.getByRole("button", { name: "New webhook" }).waitFor(patient);
			await expectAccessible(page);
			await page.goto(`${suite.app.url}/developers/usage`);
			await page.getByRole("img", { name: "Pictures of each day" }).waitFor(patient);
			await expectAccessible(page);
		}
		expect(suite.complaints).toEqual([]);
	});
});
