import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { caller } from "../http/call.ts";
import { type MailServer, startMailServer } from "../support/mailServer.ts";
import { chromiumPath, expectAccessible, openBrowser, openStudio, patient } from "../support/studio.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";

const config = fileURLToPath(new URL("../support/acme.config.ts", import.meta.url));
const password = "four grey herons wade";

/** The pages seen without a session, on a server where anybody may sign up. */
describe.skipIf(!chromiumPath)("people come in", { timeout: 240_000 }, () => {
	let mail: MailServer;
	let app: TestApp;
	let browser: Browser;
	let page: Page;

	beforeAll(async () => {
		mail = await startMailServer();
		app = await startTestApp({ GLASSWORKS_CONFIG: config, SMTP_URL: mail.url }, ["api"]);
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

	async function open(address: string, options: { theme?: "dark" | "light" } = {}): Promise<void> {
		page = (await openStudio(browser, app, { ...options, path: address })).page;
	}
	const press = (name: string) => page.getByRole("button", { name, exact: true }).click(patient);
	const isIn = () => page.getByRole("button", { name: "Account" }).waitFor(patient);
	async function signIn(email: string, secret = password): Promise<void> {
		await page.getByLabel("Email", { exact: true }).last().fill(email);
		await page.getByLabel("Password").fill(secret);
		await press("Sign in");
	}
	async function newPerson(name: string): Promise<string> {
		const email = `${name}@example.org`;
		const call = caller(app.url, null);
		await call("POST", "/api/v1/people/sign-up", { body: { email, name, password } });
		const { token } = await mail.next(email);
		expect((await call("POST", "/api/v1/people/verify", { body: { token } })).status).toBe(204);
		return email;
	}
	async function invite(email: string): Promise<string> {
		expect((await caller(app.url, app.ownerKey)("POST", "/api/v1/invitations", { body: { email, role: "member" } })).status).toBe(201);
		return (await mail.next(email)).token;
	}

	test("somebody signs up, verifies the address by the mailed link and signs in", async () => {
		await open("/");
		await page.getByRole("link", { name: "Sign up" }).click(patient);
		await page.getByLabel("Your name").fill("Ann");
		await page.getByLabel("Email").fill("ann@example.org");
		await page.getByLabel("Password").fill("short");
		await press("Sign up");
		await page.getByText("Must have 10 to 128 characters; this has 5.").waitFor(patient);
		await page.getByLabel("Password").fill(password);
		await press("Sign up");
		await page.getByText("Look at your mail").waitFor(patient);
		const { token } = await mail.next("ann@example.org");
		await page.goto(`${app.url}/verify#${token}`);
		await page.getByRole("button", { name: "Verify my address" }).waitFor(patient);
		await expect.poll(() => page.url(), patient).toBe(`${app.url}/verify`);
		expect(await page.title()).toBe("Verify your address - Acme Pictures");
		await press("Verify my address");
		await page.getByText("Your address is verified").waitFor(patient);
		await page.getByRole("link", { name: "Sign in" }).click();
		await signIn("ann@example.org", "not that one at all");
		await page.getByRole("alert").waitFor(patient);
		await signIn("ann@example.org");
		await isIn();
		await expect.poll(() => page.title(), patient).toBe("Acme Pictures");
		expect(await page.evaluate<string>("JSON.stringify({ ...localStorage, ...sessionStorage })")).not.toContain(password);
		await page.reload();
		await isIn();
	});

	test("a link that was used already says so, and how to get another", async () => {
		await newPerson("used");
		await open("/verify#nothing-that-was-ever-mailed");
		await press("Verify my address");
		await page.getByRole("alert").getByText("was used already").waitFor(patient);
		await page.getByLabel("Email").fill("used@example.org");
		await press("Mail me another link");
		await page.getByText("Look at your mail").waitFor(patient);
		await page.goto(`${app.url}/reset`);
		await page.getByRole("alert").getByText("The link is not whole.").waitFor(patient);
	});

	test("who forgot the password chooses another by a mailed link", async () => {
		const email = await newPerson("bea");
		await open("/");
		await page.getByRole("link", { name: "Forgot the password?" }).click(patient);
		await page.getByRole("button", { name: "Mail me the link" }).waitFor(patient);
		await page.getByLabel("Email").fill(email);
		await press("Mail me the link");
		await page.getByText("Look at your mail").waitFor(patient);
		const { token } = await mail.next(email);
		await page.goto(`${app.url}/reset#${token}`);
		await page.getByLabel("New password").fill("bea@example.org");
		await press("Set it");
		await page.getByText("Must not hold your name or address.").waitFor(patient);
		expect(page.url()).toBe(`${app.url}/reset`);
		await page.getByLabel("New password").fill("six blue kettles sing");
		await press("Set it");
		await page.getByRole("link", { name: "Sign in" }).click(patient);
		await signIn(email, "six blue kettles sing");
		await isIn();
		await page.goto(`${app.url}/reset#${token}`);
		await page.getByLabel("New password").fill("nine green apples fall");
		await press("Set it");
		await page.getByRole("link", { name: "Mail me another link" }).waitFor(patient);
	});

	test("somebody new joins an account by invitation", async () => {
		await open(`/join#${await invite("cleo@example.org")}`);
		await page.getByText("cleo@example.org is invited as member.").waitFor(patient);
		await expect.poll(() => page.url(), patient).toBe(`${app.url}/join`);
		await page.getByLabel("Your name").fill("Cleo");
		await page.getByLabel("Password").fill(password);
		await press("Join");
		await isIn();
		expect(new URL(page.url()).pathname).toBe("/");
	});

	test("who has signed up already signs in to accept, and not as somebody else", async () => {
		const email = await newPerson("dora");
		const other = await newPerson("eve");
		const token = await invite(email);
		await open("/");
		await signIn(other);
		await isIn();
		await page.goto(`${app.url}/join#${token}`);
		await page.getByText(`You are signed in as ${other}`).waitFor(patient);
		await press("Sign out and go on");
		await page.getByLabel("Password").fill(password);
		await press("Sign in and accept");
		await isIn();
		await page.goto(`${app.url}/join#${token}`);
		await page.getByRole("alert").waitFor(patient);
	});

	test.each(["dark", "light"] as const)("the %s theme has no accessibility violation, on a desk or a phone", async (theme) => {
		const token = await invite(`axe-${theme}@example.org`);
		await open("/", { theme });
		for (const address of ["/", "/sign-up", "/verify#x", "/reset", `/join#${token}`]) {
			await page.goto(new URL(address, app.url).href);
			await page.getByRole("button").or(page.getByRole("alert")).first().waitFor(patient);
			for (const width of [1280, 390]) {
				await page.setViewportSize({ width, height: 844 });
				await expectAccessible(page);
			}
		}
	});
});
