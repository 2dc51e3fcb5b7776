import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { caller } from "../http/call.ts";
import { type MailServer, startMailServer } from "../support/mailServer.ts";
import { chromiumPath, openBrowser, openStudio, patient, signIn } from "../support/studio.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const config = fileURLToPath(new URL("../support/signUp.config.ts", import.meta.url));
const password = "four grey herons wade";

/** Accounts from the inside, and the operator's view of all of them. */
describe.skipIf(!chromiumPath)("account and operator in the studio", { timeout: 240_000 }, () => {
	let mail: MailServer;
	let app: TestApp;
	let browser: Browser;
	let page: Page;
	let complaints: string[];

	beforeAll(async () => {
		mail = await startMailServer();
		app = await startTestApp({ GLASSWORKS_CONFIG: config, SMTP_URL: mail.url });
		browser = await openBrowser();
	}, 240_000);
	afterAll(async () => {
		await browser?.close();
		await app?.close();
		await mail?.close();
	});
	afterEach(async () => {
		await page?.context().close();
	});

	async function open(address: string, theme: "dark" | "light" = "dark"): Promise<void> {
		({ page, complaints } = await openStudio(browser, app, { path: address, theme }));
	}
	const press = (name: string, within: { getByRole: Page["getByRole"] } = page) =>
		within.getByRole("button", { name, exact: true }).click(patient);
	const row = (name: string | RegExp) => page.getByRole("row", { name });

	/** Signs up, verifies and signs in to a page. */
	async function enterAs(name: string, address: string): Promise<string> {
		const email = `${name}@example.org`;
		const call = caller(app.url, null);
		await call("POST", "/api/v1/people/sign-up", { body: { email, name, password } });
		const { token } = await mail.next(email);
		await call("POST", "/api/v1/people/verify", { body: { token } });
		await open(address);
		await page.getByLabel("Email", { exact: true }).last().fill(email, patient);
		await page.getByLabel("Password").fill(password);
		await press("Sign in");
		return email;
	}
	async function signInWithKey(): Promise<void> {
		await page.getByRole("radio", { name: "Key" }).check({ force: true, ...patient });
		await signIn(page, app);
	}

	test("somebody sees the plan and the month, invites, makes another account, and is told a wrong password", async () => {
		await enterAs("ann", "/account");
		await page.getByText("Pictures this month").waitFor(patient);
		await page.getByText("0 of 5").waitFor(patient);
		await page.getByText("Nothing ran this month.").waitFor(patient);
		await row(/^ann \(you\)/).waitFor(patient);

		const invite = page.getByRole("form", { name: "Invite somebody" });
		await invite.getByLabel("Email").fill("bea@example.org");
		await invite.getByLabel("Role of who is invited").selectOption("admin");
		await press("Invite", invite);
		await page.getByText("A link was mailed to bea@example.org.").waitFor(patient);
		expect((await mail.next("bea@example.org")).text).toContain("as admin");
		await press("Withdraw bea@example.org");
		await press("Really withdraw bea@example.org");
		await row(/^bea/).waitFor({ state: "detached", ...patient });

		const change = page.getByRole("form", { name: "Change the password" });
		await change.getByLabel("Present password").fill("not that one");
		await change.getByLabel("New password").fill("six blue kettles sing");
		await press("Change it", change);
		await page.getByRole("alert").getByText("The present password is another.").waitFor(patient);

		await page.getByLabel("Another account").last().fill("Ann's other");
		await press("Make and enter it");
		await row(/^Ann's other .* You are in it/).waitFor(patient);
		await press("Enter ann");
		await row(/^ann .* You are in it/).waitFor(patient);
		// The refused password is answered with 401, which browsers note.
		expect(complaints.filter((line) => !line.includes("401"))).toEqual([]);
	});

	test("an owner deletes the account, and is out", async () => {
		await enterAs("zoe", "/account");
		await press("Delete the account");
		const dialog = page.getByRole("dialog", { name: "Delete the account for good" });
		await dialog.getByText("Write zoe, exactly.").waitFor(patient);
		await dialog.getByLabel("Name of the account").fill("zo");
		await dialog.getByLabel("Your password").fill(password);
		await press("Delete it for good", dialog);
		await dialog.locator("[aria-invalid]").waitFor(patient);
		await dialog.getByLabel("Name of the account").fill("zoe");
		await press("Delete it for good", dialog);
		await page.getByRole("radio", { name: "Key" }).waitFor(patient);
	});

	test("the operator pauses a pool and a worker, moves credit and plan of an account, and reads of it in the audit log", async () => {
		const { tenantId } = await app.createTenant("free", { creditMicroUsd: 0 });
		await open("/operator");
		await signInWithKey();
		await press("Pause enhance");
		await row(/^enhance paused/).waitFor(patient);
		await press("Resume enhance");
		await row(/^enhance open/).waitFor(patient);
		await press("Pause built-in");
		await row(/^built-in paused/).waitFor(patient);
		await press("Resume built-in");
		await row(/^built-in (idle|busy)/).waitFor(patient);
		await page.getByLabel("Name", { exact: true }).fill("gpu-7");
		await page.getByLabel("Pools").last().fill("cellar");
		await press("Make a token");
		await page.getByText(/^One of (gpu|enhance), /).waitFor(patient);
		await page.getByLabel("Pools").last().fill("gpu");
		await press("Make a token");
		await page.getByText(/GLASSWORKS_WORKER_TOKEN=gwt_/).waitFor(patient);

		await page.getByRole("link", { name: "Accounts" }).click();
		await page.getByRole("link", { name: tenantId }).click(patient);
		await page.getByRole("form", { name: "Change the plan" }).getByLabel("Plan").selectOption("pro", patient);
		await press("Change it");
		await page.getByText("Changed.").waitFor(patient);
		await page.getByLabel("Dollars").fill("12.5");
		await page.getByLabel("Why").fill("welcome");
		await press("Move");
		await page.getByText("$12.50").first().waitFor(patient);
		await page.getByLabel("Dollars").fill("-20");
		await press("Move");
		await page.getByRole("alert").waitFor(patient);

		await page.getByRole("link", { name: "Audit log" }).click();
		await page.getByLabel("Action").fill("moveCredit");
		await press("Look");
		await row(/moveCredit done .*/)
			.first()
			.waitFor(patient);
		expect(await row(/createKey|pausePool/).count()).toBe(0);
		await page.getByRole("link", { name: "Books" }).click();
		await press("Check the ledger");
		await page.getByText(/^It adds up:/).waitFor(patient);
		await page.getByRole("link", { name: "Engines" }).click();
		await page.getByLabel("Address").fill("http://127.0.0.1:9");
		await press("Add");
		await page.locator("[aria-invalid]").or(page.getByRole("alert")).first().waitFor(patient);
	});

	test("who does not operate the server sees no operator page", async () => {
		await enterAs("kim", "/operator");
		await page.getByRole("heading", { name: "No such page" }).waitFor(patient);
		await page.getByRole("button", { name: "Account" }).click();
		await page.getByRole("navigation", { name: "Account" }).getByRole("link", { name: "Account" }).waitFor(patient);
		expect(await page.getByRole("link", { name: "Operator" }).count()).toBe(0);
	});
});
