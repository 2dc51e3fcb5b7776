import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const modelsDir = join(import.meta.dirname, "../../../models");
const entry = z.object({
	path: z.string(),
	bytes: z.int(),
	sha256: z.string(),
	licence: z.string(),
	source: z.string(),
	model: z.string(),
});
const { files } = z.object({ files: z.array(entry) }).parse(JSON.parse(readFileSync(join(modelsDir, "manifest.json"), "utf8")));

it("every shipped model file is in the manifest with its size, digest, licence and source", () => {
	const documents = ["README.md", "manifest.json", "samples.webp", "failures.webp", "scenes.webp", "scenes-failures.webp"];
	const present = readdirSync(modelsDir, { recursive: true, withFileTypes: true })
		.filter((item) => item.isFile())
		.map((item) => join(item.parentPath, item.name).slice(modelsDir.length + 1))
		.filter((path) => !documents.includes(path));
	expect(files.map(({ path }) => path).sort()).toEqual(present.sort());
	for (const { path, bytes, sha256, licence, source } of files) {
		const content = readFileSync(join(modelsDir, path));
		expect([path, content.length, createHash("sha256").update(content).digest("hex")]).toEqual([path, bytes, sha256]);
		expect(licence.length * source.length).toBeGreaterThan(0);
	}
});

it("the built-in model stays small: 60 MB together, 20 MB a file", () => {
	const own = files.filter(({ model }) => model === "embedded" || model === "realesr-animevideov3");
	expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(60e6);
	for (const { path, bytes } of own) expect(bytes, path).toBeLessThanOrEqual(20e6);
});
