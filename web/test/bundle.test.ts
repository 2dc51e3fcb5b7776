import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const webDir = resolve(import.meta.dirname, "..");
let outDir = "";
let html = "";

beforeAll(async () => {
	outDir = await mkdtemp(join(tmpdir(), "glassworks-studio-"));
	// In a process of its own: the test runner's NODE_ENV would build React's development edition.
	const vite = resolve(webDir, "../node_modules/vite/bin/vite.js");
	await promisify(execFile)(process.execPath, [vite, "build", webDir, "--outDir", outDir, "--logLevel", "error"], {
		cwd: webDir,
		env: { ...process.env, NODE_ENV: "production" },
	});
	html = await readFile(join(outDir, "index.html"), "utf8");
});
afterAll(async () => {
	await rm(outDir, { recursive: true, force: true });
});

test("the first page loads at most 150 kB of JavaScript, compressed", async () => {
	const first = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1] ?? "");
	expect(first.length).toBeGreaterThanOrEqual(2);
	let bytes = 0;
	for (const file of first) bytes += gzipSync(await readFile(join(outDir, file))).byteLength;
	expect(bytes).toBeGreaterThan(50_000);
	expect(bytes).toBeLessThanOrEqual(150_000);
});

test("the page carries nothing inline, so it runs under a policy that forbids that", () => {
	expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
	for (const [, attributes = "", body = ""] of html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
		expect(attributes).toMatch(/\ssrc="\//);
		expect(body.trim()).toBe("");
	}
});

test("nothing is loaded from other hosts, and no fonts are needed", async () => {
	expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
	const files = await readdir(join(outDir, "assets"));
	const styles = await Promise.all(
		files.filter((file) => file.endsWith(".css")).map((file) => readFile(join(outDir, "assets", file), "utf8")),
	);
	expect(styles.join("")).not.toMatch(/@import|@font-face|url\(\s*["']?(?:https?:)?\/\//);
});
