import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeCheckpoint } from "../../test/writeCheckpoint.ts";
import { convertCheckpoint } from "./convertCheckpoint.ts";

let folder = "";
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "gw-convert-"));
	await mkdir(join(folder, "faces"));
	await writeFile(join(folder, "faces", "gfpgan.graph.onnx"), "graph");
	const tensors = [
		{ key: "a", shape: [3], offset: 0, length: 12 },
		{ key: "b", shape: [1, 2], offset: 64, length: 8 },
	];
	await writeFile(
		join(folder, "faces", "gfpgan.layout.json"),
		JSON.stringify({ weightsFile: "gfpgan.weights", bytes: 72, tensors, unused: ["mlp"] }),
	);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function convert(shapes: Record<string, number[]>, signal = new AbortController().signal) {
	const checkpointFile = join(folder, "in.pth");
	const tensors = Object.entries(shapes).map(([key, shape]) => {
		const values = Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, (_, index) => index + 1);
		return { key, shape, bytes: () => new Uint8Array(values.buffer) };
	});
	await writeCheckpoint(checkpointFile, tensors, { layout: "zip" });
	return convertCheckpoint({
		network: "gfpgan",
		checkpointFile,
		modelsDir: folder,
		dataModelsDir: join(folder, "data"),
		signal,
		onProgress() {},
	});
}

test("every weight lands at its place, with zeros between, and what the network does not use is left out", async () => {
	await convert({ b: [1, 2], mlp: [5], a: [3] });
	const weights = await readFile(join(folder, "data/gfpgan/gfpgan.weights"));
	expect(Array.from({ length: weights.length / 4 }, (_, index) => weights.readFloatLE(index * 4))).toEqual([
		1,
		2,
		3,
		...Array(13).fill(0),
		1,
		2,
	]);
	expect(await readFile(join(folder, "data/gfpgan/gfpgan.onnx"), "utf8")).toBe("graph");
});

test.each([
	["a missing tensor", { a: [3] }, { missing: ["b"], unexpected: [], misshapen: [] }],
	["a tensor too many", { a: [3], b: [1, 2], c: [1] }, { missing: [], unexpected: ["c"], misshapen: [] }],
	["a tensor of another shape", { a: [3], b: [2, 1] }, { missing: [], unexpected: [], misshapen: ["b"] }],
])("%s is named and nothing is written", async (_, shapes, found) => {
	await expect(convert(shapes)).rejects.toMatchObject({ code: "engine_invalid", data: { reason: "checkpoint_mismatch", ...found } });
	expect(await readdir(folder)).not.toContain("data");
});

test("a conversion that is stopped leaves no half files", async () => {
	await expect(convert({ a: [3], b: [1, 2] }, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
	expect(await readdir(join(folder, "data", "gfpgan"))).toEqual([]);
});
