import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Call, caller } from "../http/call.ts";
import { startTestApp, type TestApp } from "./testApp.ts";

/** Of the Chromium that tools/setup found; undefined: there is none, and suites that need one are skipped. */
export const chromiumPath = process.env.TEST_CHROMIUM;
/** Work on a busy machine with two cores may take long; nothing here measures time. */
export const patient = { timeout: 90_000 };

const flags = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath, args: flags });

export interface StudioPage {
	page: Page;
	/** What the browser complained about since: errors, refused policies, failed loads. */
	complaints: string[];
}

/** A page of the studio in a browser context of its own, signed in when a key is given; closing the context closes it. */
export async function openStudio(
	browser: Browser,
	app: TestApp,
	options: BrowserContextOptions & { theme?: "dark" | "light"; path?: string; key?: string } = {},
): Promise<StudioPage> {
	const { theme = "dark", path = "/", key, ...contextOptions } = options;
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions });
	await context.addInitScript((name) => localStorage.setItem("glassworks.theme", name), theme);
	if (key !== undefined) {
		const answer = await context.request.post(new URL("/api/v1/session", app.url).href, { data: { key }, headers: { origin: app.url } });
		expect(answer.status()).toBe(201);
	}
	const page = await context.newPage();
	const complaints = noteComplaints(page);
	await page.goto(new URL(path, app.url).href);
	return { page, complaints };
}

export interface StudioSuite {
	readonly app: TestApp;
	/** Asks the API as the owner. */
	readonly call: Call;
	/** Of the page that was opened last. */
	readonly context: BrowserContext;
	readonly complaints: string[];
	/** A page in a context of its own, which ends with the test. */
	open(options?: Parameters<typeof openStudio>[2]): Promise<Page>;
}

/** One server and one browser for all tests of a suite. Call it where the suite's hooks would stand. */
export function openSuite(start: () => Promise<TestApp> = startTestApp): StudioSuite {
	let app: TestApp;
	let call: Call;
	let browser: Browser;
	let context: BrowserContext;
	let complaints: string[] = [];
	beforeAll(async () => {
		app = await start();
		call = caller(app.url, app.ownerKey);
		browser = await openBrowser();
	}, 240_000);
	afterAll(async () => {
		await browser?.close();
		await app?.close();
	});
	afterEach(() => context?.close());
	return {
		get app() {
			return app;
		},
		get call() {
			return call;
		},
		get context() {
			return context;
		},
		get complaints() {
			return complaints;
		},
		async open(options) {
			const studio = await openStudio(browser, app, options);
			context = studio.page.context();
			complaints = studio.complaints;
			return studio.page;
		},
	};
}

export function noteComplaints(page: Page): string[] {
	const complaints: string[] = [];
	page.on("pageerror", (error) => complaints.push(error.message));
	page.on("console", (message) => {
		// Asking who is signed in is answered with 401 when nobody is: that is the question, not an error.
		const isExpected = message.location().url.endsWith("/api/v1/session") && message.text().includes("401");
		if (message.type() === "error" && !isExpected) complaints.push(message.text());
	});
	return complaints;
}

/** Signs in with the owner's key; the page that was asked for opens. */
export async function signIn(page: Page, app: TestApp): Promise<void> {
	await page.locator("input[name=key]").fill(app.ownerKey);
	await page.getByRole("button", { name: "Sign in", exact: true }).click();
	await page.getByRole("button", { name: "Account" }).waitFor(patient);
}

/** No violation of axe's rules, and nothing wider than the window. */
export async function expectAccessible(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
	await expectFitting(page);
}

/** Nothing is wider than the window. */
export async function expectFitting(page: Page): Promise<void> {
	const width = page.viewportSize()?.width ?? 0;
	expect(await page.evaluate("document.documentElement.scrollWidth"), "wider than the window").toBeLessThanOrEqual(width);
}
