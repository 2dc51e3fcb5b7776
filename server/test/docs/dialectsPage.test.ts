import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const root = path.resolve(import.meta.dirname, "../../..");
const page = readFileSync(path.join(root, "docs/dialects.md"), "utf8");
const python = path.join(root, ".cache/clients/bin/python");
const blocks = (language: string) =>
	[...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
const run = promisify(execFile);

let running: TestApp;
beforeAll(async () => {
	running = await startTestApp();
});
afterAll(() => running?.close());

const here = (code: string) => code.replaceAll("https://glassworks.example", running.url).replaceAll("gw_...", running.ownerKey);

test("the page names the versions that are tested", () => {
	const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { version: string }> };
	const pins = readFileSync(path.join(root, "server/test/dialects/requirements.txt"), "utf8").split("\n");
	const named = [...page.matchAll(/^\| `([^`]+)` \((npm|PyPI)\) \| ([^ ]+) \|/gm)];
	expect(named.length).toBeGreaterThanOrEqual(13);
	for (const [, name, registry, version] of named)
		if (registry === "npm") expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
		else expect(pins).toContain(`${name}==${version}`);
});

test.each(blocks("js"))("the page's JavaScript works: %s", async (code) => {
	await run(process.execPath, ["--input-type=module", "-e", here(code)], { cwd: path.join(root, "server") });
});

describe.skipIf(!existsSync(python))("with the Python clients", () => {
	test.each(blocks("python"))("the page's Python works: %s", async (code) => {
		await run(python, ["-c", here(code)]);
	});
});
