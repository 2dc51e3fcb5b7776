import path from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caller, uploadPicture } from "../http/call.ts";
import { crowd } from "../support/crowd.ts";
import { chromiumPath, expectAccessible, expectFitting, openBrowser, openStudio, patient } from "../support/studio.ts";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { plainPicture } from "../support/testPictures.ts";
import { adminUrl, createDatabase } from "../support/testStores.ts";

/** A folder for a picture of each page, state, width and theme; unset: none are taken. */
const pictures = process.env.TEST_SCREENSHOTS;

interface View {
	name: string;
	path: string;
	/** What is to be opened on it, before it is looked at. */
	open?(page: Page): Promise<void>;
	isSignedOut?: true;
}

const dialog = (page: Page) => page.getByRole("dialog").first().waitFor(patient);
const empty: readonly View[] = [
	{ name: "sign-in", path: "/", isSignedOut: true },
	{ name: "sign-up", path: "/sign-up", isSignedOut: true },
	{ name: "forgot", path: "/forgot", isSignedOut: true },
	{ name: "verify", path: "/verify?token=none", isSignedOut: true },
	{ name: "reset", path: "/reset?token=none", isSignedOut: true },
	{ name: "join", path: "/join?token=none", isSignedOut: true },
	{ name: "status", path: "/status", isSignedOut: true },
	{ name: "create", path: "/" },
	{ name: "gallery", path: "/gallery" },
	{ name: "edit", path: "/edit" },
	{ name: "queue", path: "/queue" },
	{ name: "batches", path: "/batches" },
	{ name: "batch-new", path: "/batches/new" },
	{ name: "workflows", path: "/workflows" },
	{ name: "workflow", path: "/workflows/portrait" },
	{ name: "workflow-import", path: "/workflows/import" },
	{ name: "keys", path: "/developers/keys" },
	{ name: "webhooks", path: "/developers/webhooks" },
	{ name: "usage", path: "/developers/usage" },
	{ name: "account", path: "/account" },
	{ name: "machines", path: "/operator" },
	{ name: "engines", path: "/operator/engines" },
	{ name: "models", path: "/operator/models" },
	{ name: "accounts", path: "/operator/accounts" },
	{ name: "books", path: "/operator/books" },
	{ name: "storage", path: "/operator/storage" },
	{ name: "audit", path: "/operator/audit" },
	{ name: "not-found", path: "/nowhere" },
];
const dialogs: readonly View[] = [
	{
		...{ name: "shortcuts", path: "/queue" },
		open: async (page) => {
			await page.keyboard.press("?");
			await dialog(page);
		},
	},
	{
		...{ name: "code", path: "/" },
		open: async (page) => {
			await page.getByRole("button", { name: "Copy as curl" }).click(patient);
			await dialog(page);
		},
	},
	{
		...{ name: "new-key", path: "/developers/keys" },
		open: (page) => page.getByRole("button", { name: "New key" }).first().click(patient),
	},
	{
		...{ name: "account-menu", path: "/queue" },
		open: (page) => page.getByRole("button", { name: "Account" }).click(patient),
	},
];

describe.skipIf(!chromiumPath || adminUrl === "")("every page of the studio", { timeout: 1_200_000 }, () => {
	let database: Awaited<ReturnType<typeof createDatabase>>;
	let fresh: TestApp;
	let full: TestApp;
	let names: { job: string; batch: string };
	let asset: string;
	let browser: Browser;

	beforeAll(async () => {
		database = await createDatabase();
		fresh = await startTestApp();
		full = await startTestApp({ DATABASE_URL: database.url });
		const call = caller(full.url, full.ownerKey);
		names = await crowd(database.url, call, full.ownerKey);
		asset = (await uploadPicture(call, (await plainPicture(640, 480)).bytes)).asset_id;
		browser = await openBrowser();
	}, 600_000);
	afterAll(async () => {
		await browser?.close();
		await full?.close();
		await fresh?.close();
		await database?.drop();
	}, 120_000);

	/** Looks at each page in both themes and three widths; tells all that is wrong at once. */
	async function look(app: TestApp, state: string, views: readonly View[], meddle?: (route: Route) => Promise<void>): Promise<string[]> {
		const wrong: string[] = [];
		for (const view of views) {
			const { page } = await openStudio(browser, app, { ...(!view.isSignedOut && { key: app.ownerKey }), path: "/status" });
			if (meddle) await page.route("**/api/v1/**", meddle);
			await page.goto(new URL(view.path, app.url).href);
			try {
				await settle(page, state);
				await view.open?.(page);
				for (const theme of ["dark", "light"])
					for (const width of [390, 1280, 1920]) wrong.push(...(await lookAt(page, `${view.name}-${state}`, theme, width)));
			} catch (error) {
				wrong.push(`${view.name} (${state}): ${error instanceof Error ? error.message : error}`);
			}
			await page.context().close();
		}
		return wrong;
	}

	test("is usable by everybody when there is nothing yet", async () => {
		expect(await look(fresh, "empty", [...empty, ...dialogs])).toEqual([]);
	});

	test("is usable by everybody while nothing has arrived", async () => {
		// Who is signed in and whose server it is has arrived.
		const stall = (route: Route) => (isKnown(route) ? route.continue() : new Promise<void>(() => {}));
		expect(await look(full, "loading", withThings(), stall)).toEqual([]);
	});

	test("is usable by everybody when the server fails", async () => {
		const problem = { type: "about:blank", title: "Internal", status: 500, code: "internal", detail: "Something broke." };
		const fail = (route: Route) =>
			isKnown(route)
				? route.continue()
				: route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) });
		expect(await look(full, "failing", withThings(), fail)).toEqual([]);
	});

	test("is usable by everybody with ten thousand of everything, and names that no line has room for", async () => {
		expect(await look(full, "crowded", withThings())).toEqual([]);
	});

	const withThings = (): View[] => [
		...empty.filter(({ name, isSignedOut }) => !(isSignedOut && name !== "status") && name !== "not-found"),
		{ name: "lightbox", path: `/gallery?picture=${names.job}.0` },
		{ name: "edit-open", path: `/edit?asset=${asset}` },
		{ name: "batch", path: `/batches/${names.batch}` },
	];
});

const isKnown = (route: Route): boolean => /\/api\/v1\/(session|server)$/.test(new URL(route.request().url()).pathname);

/** Until it shows what it will show in that state. */
async function settle(page: Page, state: string): Promise<void> {
	await page
		.getByRole("heading", { level: 1 })
		.or(page.getByRole("dialog"))
		.first()
		.waitFor({ ...patient, state: "attached" });
	if (state === "loading") return page.waitForTimeout(700);
	await page.waitForFunction("document.querySelectorAll('.animate-pulse, [aria-busy=true]').length === 0", null, { timeout: 60_000 });
	await page.waitForTimeout(500);
}

async function lookAt(page: Page, name: string, theme: string, width: number): Promise<string[]> {
	await page.setViewportSize({ width, height: width === 390 ? 844 : width === 1280 ? 800 : 1080 });
	await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
	// Colours fade into each other.
	await page.waitForTimeout(250);
	if (pictures) await page.screenshot({ path: path.join(pictures, `${name}-${width}-${theme}.png`) });
	// What is wrong at 1920 px and not at 1280 could only be the width.
	const check = width === 1920 ? expectFitting : expectAccessible;
	try {
		await check(page);
		return [];
	} catch (error) {
		return [`${name}, ${theme}, ${width} px: ${error instanceof Error ? error.message : error}`];
	}
}
