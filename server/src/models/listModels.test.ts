import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listModels, verifyModels } from "./listModels.ts";
import { downloadableModels } from "./manifest.ts";

let folders = { modelsDir: "", dataModelsDir: "" };
const signal = new AbortController().signal;
const shipped = (path: string, content: string, model: string) => ({
	path,
	bytes: content.length,
	sha256: createHash("sha256").update(content).digest("hex"),
	licence: "MIT",
	source: "here",
	model,
});

beforeEach(async () => {
	const folder = await mkdtemp(join(tmpdir(), "gw-models-"));
	folders = { modelsDir: join(folder, "models"), dataModelsDir: join(folder, "absent") };
	await mkdir(join(folders.modelsDir, "a"), { recursive: true });
	await writeFile(join(folders.modelsDir, "a", "one.onnx"), "first");
	await writeFile(join(folders.modelsDir, "a", "two.onnx"), "second");
	const files = [shipped("a/one.onnx", "first", "glyph"), shipped("a/two.onnx", "second", "glyph")];
	await writeFile(join(folders.modelsDir, "manifest.json"), JSON.stringify({ files }));
});
afterEach(() => rm(join(folders.modelsDir, ".."), { recursive: true, force: true }));

test("shipped models are listed with their size, and one with a file gone is not called installed", async () => {
	expect((await listModels(folders, []))[0]).toMatchObject({
		name: "glyph",
		origin: "shipped",
		isInstalled: true,
		bytes: 11,
		licence: "MIT",
	});
	await rm(join(folders.modelsDir, "a", "two.onnx"));
	expect((await listModels(folders, []))[0]).toMatchObject({ isInstalled: false });
});

test("a downloadable model of which only the shape ships is listed once, and not as installed", async () => {
	const files = [shipped("a/one.onnx", "first", "gfpgan")];
	await writeFile(join(folders.modelsDir, "manifest.json"), JSON.stringify({ files }));
	const listed = (await listModels(folders)).filter((model) => model.name === "gfpgan");
	expect(listed).toMatchObject([{ origin: "download", isInstalled: false }]);
	expect((await verifyModels(folders, signal)).map((check) => check.state)).toEqual(["ok"]);
});

test("verify tells a missing, a shortened and a changed file apart", async () => {
	const states = async () => (await verifyModels(folders, signal)).map((check) => check.state);
	expect(await states()).toEqual(["ok", "ok"]);
	await writeFile(join(folders.modelsDir, "a", "one.onnx"), "fi");
	await writeFile(join(folders.modelsDir, "a", "two.onnx"), "sekond");
	expect(await states()).toEqual(["wrong_size", "wrong_digest"]);
	await rm(join(folders.modelsDir, "a", "one.onnx"));
	expect(await states()).toEqual(["missing", "wrong_digest"]);
});

test("without a readable manifest the error names the file", async () => {
	await writeFile(join(folders.modelsDir, "manifest.json"), "{");
	await expect(listModels(folders)).rejects.toMatchObject({ code: "model_missing", message: expect.stringContaining("manifest.json") });
});

test("of the models on offer only what this version can run is called usable, and the others say why not", async () => {
	const offered = (await listModels(folders)).filter((model) => model.origin === "download");
	expect(offered.filter((model) => model.isUsable).map((model) => model.name)).toEqual(["gfpgan", "codeformer"]);
	for (const model of offered.filter((entry) => !entry.isUsable)) expect(model.note).toContain("Nothing in this version reads it");
});

test("every model on offer comes over https, with a well-formed digest, and S-Lab's licence asks for consent", () => {
	for (const model of downloadableModels) {
		expect(new URL(model.url).protocol).toBe("https:");
		expect(model.digest?.hex).toMatch(model.digest?.algorithm === "md5" ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/);
		expect(model.terms?.id ?? null).toBe(model.licence.startsWith("S-Lab") ? "s-lab" : null);
	}
	expect(new Set(downloadableModels.map((model) => model.name)).size).toBe(downloadableModels.length);
});
