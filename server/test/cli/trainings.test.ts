import fs from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { endAll, spawnCli, temporaryFolder } from "./spawnCli.ts";

vi.setConfig({ testTimeout: 300_000 });

let folder = "";
beforeAll(async () => {
	folder = temporaryFolder();
	await spawnCli(["serve", "--services=api"], { GLASSWORKS_DATA: folder, GLASSWORKS_PORT: "0" }).says("Owner key");
}, 300_000);
afterAll(async () => {
	await endAll();
	fs.rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function run(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
	const command = spawnCli(["trainings", ...argv], { GLASSWORKS_DATA: path.resolve(folder) });
	return { code: await command.exited, out: command.out.trim(), err: command.err };
}

// What a training leads to is tried where one can be trained: journeys/training.test.ts.
test("a folder's pictures and captions are sent, and a server that trains nothing says what it lacks", async () => {
	const pictures = path.join(folder, "pictures");
	fs.mkdirSync(pictures);
	expect((await run("create", pictures, "--name", "walls", "--model", "sd15")).err).toContain("has no PNG, JPEG or WebP files");
	await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
		.png()
		.toFile(path.join(pictures, "wall.png"));
	fs.writeFileSync(path.join(pictures, "wall.txt"), "a red wall\n");
	const refused = await run("create", pictures, "--name", "walls", "--model", "sd15", "--quote", "--json");
	expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("diffusers sidecar")]);
	expect(await run("list", "--json")).toMatchObject({ code: 0, out: "[]" });
	expect(await run("show", "trn_none")).toMatchObject({ code: 1, err: expect.stringContaining("not_found") });
});
