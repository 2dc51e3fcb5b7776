import fs from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { expect, test, vi } from "vitest";
import { openCliSuite } from "./spawnCli.ts";

vi.setConfig({ testTimeout: 300_000 });

const suite = openCliSuite("trainings");
const { run } = suite;

// What a training leads to is tried where one can be trained: journeys/training.test.ts.
test("a folder's pictures and captions are sent, and a server that trains nothing says what it lacks", async () => {
	const pictures = path.join(suite.folder, "pictures");
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
