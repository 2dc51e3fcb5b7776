import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endAll, spawnCli, temporaryFolder } from "./spawnCli.ts";

let folder = "";
beforeAll(() => {
	folder = temporaryFolder();
});
afterAll(async () => {
	await endAll();
	fs.rmSync(folder, { recursive: true, force: true });
});

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
const environment = () => ({ GLASSWORKS_DATA: path.join(folder, "data") });

describe("on a machine where nothing was set up", { timeout: 180_000 }, () => {
	test("one command makes a picture, and leaves nothing running", async () => {
		const out = path.join(folder, "apple.png");
		const run = spawnCli(["generate", "a red apple", "--out", out, "--seed", "1"], environment());
		expect(await run.exited, run.err).toBe(0);
		expect(fs.readFileSync(out).subarray(0, 4)).toEqual(png);
		expect(run.out).toContain("seed 1");
		expect(run.out).toContain("charged: $0.00");
		expect(fs.existsSync(path.join(folder, "data", "server.json"))).toBe(false);
	});

	test("two commands at once each make their picture", async () => {
		const outs = ["one.jpg", "two.webp"].map((name) => path.join(folder, name));
		const runs = outs.map((out) => spawnCli(["generate", "a blue fish", "--no-upscale", "--out", out], environment()));
		for (const run of runs) expect(await run.exited, run.err).toBe(0);
		expect(outs.map((out) => fs.readFileSync(out).subarray(0, 3).toString("latin1"))).toEqual(["\u00ff\u00d8\u00ff", "RIF"]);
	});

	test("the doctor finds nothing that fails", async () => {
		const run = spawnCli(["doctor"], environment());
		expect(await run.exited, run.out).toBe(0);
		expect(run.out).toMatch(/^ok {4}Node: /m);
		expect(run.out).not.toMatch(/^fail/m);
	});

	test("migrate brings the embedded database up to date", async () => {
		const run = spawnCli(["migrate"], environment());
		expect(await run.exited, run.err).toBe(0);
		expect(run.out).toContain("up to date");
	});
});
