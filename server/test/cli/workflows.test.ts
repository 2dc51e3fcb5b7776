/** `glassworks workflows` as people run it, against a server that runs. */
import fs from "node:fs";
import path from "node:path";
import type { CheckedWorkflow, Job, WorkflowDetail } from "@glassworks/sdk";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";
import { poster } from "../workflows/ownSteps.ts";
import { runCli } from "./scriptedApi.ts";
import { temporaryFolder } from "./spawnCli.ts";

let app: TestApp;
let folder = "";
beforeAll(async () => {
	app = await startTestApp();
	folder = temporaryFolder();
}, 60_000);
afterAll(async () => {
	await app?.close();
	fs.rmSync(folder, { recursive: true, force: true });
});

async function run(...argv: string[]) {
	const { exitCode, text } = runCli(["workflows", ...argv], {
		GLASSWORKS_URL: app.url,
		GLASSWORKS_KEY: app.ownerKey,
		GLASSWORKS_DATA: folder,
	});
	return { code: await exitCode, out: text.out, err: text.err };
}
const write = (name: string, content: object) => {
	const file = path.join(folder, name);
	fs.writeFileSync(file, JSON.stringify(content));
	return file;
};

test("those that ship are listed, and one is explained", async () => {
	const listed = await run("list");
	expect(listed.code, listed.err).toBe(0);
	expect(listed.out).toMatch(/upscale +1 +everyone +Upscale a picture/);
	const shown = await run("show", "upscale");
	expect(shown.out).toContain("photo | drawing");
	expect(shown.out).toContain("steps: upscale > encode");
	expect((await run("show", "nothing")).code).toBe(1);
});

test("steps from a file are saved, changed into the next version, and run with values as text", async () => {
	const { slug: _slug, ...steps } = poster;
	const file = write("My Poster.json", steps);
	const dry = await run("add", file, "--dry-run");
	expect(dry.code, dry.err).toBe(0);
	expect(dry.out).toContain("my-poster version 1: not saved");
	expect((await run("add", file)).out).toContain("my-poster version 1: saved");
	expect((await run("add", file)).out).toContain("the same as the newest version");
	const next = await run("add", write("changed.json", { ...steps, title: "Changed" }), "--slug", "my-poster", "--json");
	expect((JSON.parse(next.out) as CheckedWorkflow).workflow).toMatchObject({ version: 2, title: "Changed" });

	const out = path.join(folder, "poster.webp");
	const made = await run(
		"run",
		"my-poster",
		"--set",
		"subject=a red apple",
		"--set",
		"seed=7",
		"--set",
		"detail=2",
		"--out",
		out,
		"--json",
	);
	expect(made.code, made.err).toBe(0);
	expect(JSON.parse(made.out) as Job).toMatchObject({
		workflow: "my-poster",
		request: { seed: 7, inputs: { large: false, format: "webp" } },
	});
	expect(await sharp(out).metadata()).toMatchObject({ format: "webp", width: 128, height: 64 });
}, 60_000);

test("a version read with show can be saved again as it is", async () => {
	await run("add", write("again.json", poster));
	const shown = JSON.parse((await run("show", "poster", "--json")).out) as WorkflowDetail;
	const again = await run("add", write("copy.json", shown), "--json");
	expect(again.code, again.err).toBe(0);
	expect((JSON.parse(again.out) as CheckedWorkflow).saved).toBe(false);
	const forked = await run(
		"add",
		write("fork.json", JSON.parse((await run("show", "portrait", "--json")).out)),
		"--slug",
		"fork",
		"--json",
	);
	expect(forked.code, forked.out + forked.err).toBe(0);
	expect((JSON.parse(forked.out) as CheckedWorkflow).workflow.steps.map(({ id }) => id)).toContain("restore_faces");
});

test("what is wrong is told by name: in files, values and paths", async () => {
	const broken = await run("add", write("broken.json", { ...poster, steps: poster.steps.slice(1) }), "--slug", "broken", "--dry-run");
	expect(broken.code).toBe(1);
	expect(broken.out).toContain("! steps: result");
	expect((await run("add", path.join(folder, "absent.json"))).code).toBe(2);
	fs.writeFileSync(path.join(folder, "text.json"), "not json");
	expect((await run("add", path.join(folder, "text.json"))).code).toBe(2);
	const out = path.join(folder, "x.png");
	expect(await run("run", "upscale", "--set", "image=absent.png", "--out", out)).toMatchObject({
		code: 2,
		err: expect.stringContaining("absent.png"),
	});
	expect((await run("run", "upscale", "--set", "image", "--out", out)).code).toBe(2);
	const missing = await run("run", "upscale", "--out", out);
	expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("image must be given") });
});
