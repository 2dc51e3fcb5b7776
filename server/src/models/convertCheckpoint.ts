/**
 * Joins published weights with the network's shape that ships in models/faces. The shape file names every weight and its
 * place (training/weightless.py wrote it), so conversion is copying, and what it accepts is exact.
 */
import { createHash } from "node:crypto";
import { copyFile, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GlassworksError } from "../domain/errors.ts";
import { type CheckpointTensor, openCheckpoint } from "./torchCheckpoint.ts";

const layoutSchema = z.object({
	weightsFile: z.string(),
	bytes: z.int(),
	tensors: z.array(z.object({ key: z.string(), shape: z.array(z.int()), offset: z.int(), length: z.int() })),
	unused: z.array(z.string()),
});
type Layout = z.infer<typeof layoutSchema>;

/** Networks whose shape ships as `faces/<name>.graph.onnx` and `faces/<name>.layout.json`, and whose weights fit them. */
const networks = { gfpgan: "GFPGAN v1.3 or v1.4", codeformer: "CodeFormer" } as const;
export type NetworkName = keyof typeof networks;

export interface ConvertOptions {
	network: NetworkName;
	checkpointFile: string;
	/** The shipped models. */
	modelsDir: string;
	/** Where pulled models live; a folder of the network's name below it is written. */
	dataModelsDir: string;
	signal: AbortSignal;
	/** 0 to 1. */
	onProgress(fraction: number): void;
}

/** A file that belongs to an installed model, as `models verify` will check it. */
export interface InstalledFile {
	path: string;
	bytes: number;
	sha256: string;
}

/**
 * Writes `<network>/<network>.onnx` and its weights, under other names until both are complete.
 * @throws {GlassworksError} engine_invalid when the checkpoint is of another network (`data.missing`, `data.unexpected`
 * and `data.misshapen` name the tensors) or cannot be read; cancelled
 */
export async function convertCheckpoint(options: ConvertOptions): Promise<InstalledFile[]> {
	const { network } = options;
	const shape = join(options.modelsDir, "faces", network);
	const layout = layoutSchema.parse(JSON.parse(await readFile(`${shape}.layout.json`, "utf8")));
	const folder = join(options.dataModelsDir, network);
	const [graph, weights] = [join(folder, `${network}.onnx`), join(folder, layout.weightsFile)];
	const checkpoint = await openCheckpoint(options.checkpointFile);
	try {
		checkTensors(networks[network], layout, checkpoint.tensors);
		await mkdir(folder, { recursive: true });
		const sha256 = await writeWeights(`${weights}.part`, layout, checkpoint.tensors, options);
		await copyFile(`${shape}.graph.onnx`, `${graph}.part`);
		const graphBytes = await readFile(`${graph}.part`);
		await rename(`${weights}.part`, weights);
		await rename(`${graph}.part`, graph);
		return [
			{ path: `${network}/${network}.onnx`, bytes: graphBytes.length, sha256: createHash("sha256").update(graphBytes).digest("hex") },
			{ path: `${network}/${layout.weightsFile}`, bytes: layout.bytes, sha256 },
		];
	} finally {
		await checkpoint.close();
		await Promise.all([`${weights}.part`, `${graph}.part`].map((path) => rm(path, { force: true })));
	}
}

function checkTensors(title: string, layout: Layout, tensors: ReadonlyMap<string, CheckpointTensor>): void {
	const known = new Set([...layout.tensors.map((entry) => entry.key), ...layout.unused]);
	const missing = layout.tensors.map((entry) => entry.key).filter((key) => !tensors.has(key));
	const unexpected = [...tensors.keys()].filter((key) => !known.has(key));
	const misshapen = layout.tensors
		.filter(({ key, shape }) => tensors.has(key) && String(tensors.get(key)?.shape) !== String(shape))
		.map(({ key }) => key);
	if (missing.length + unexpected.length + misshapen.length === 0) return;
	const list = (what: string, keys: string[]) =>
		keys.length === 0 ? [] : [`${keys.length} ${what} (${keys.slice(0, 3).join(", ")}${keys.length > 3 ? ", ..." : ""})`];
	const found = [...list("missing", missing), ...list("unexpected", unexpected), ...list("of another shape", misshapen)].join("; ");
	const first = (keys: string[]) => keys.slice(0, 20);
	throw new GlassworksError("engine_invalid", `Not the weights of ${title}. Tensors: ${found}.`, {
		reason: "checkpoint_mismatch",
		missing: first(missing),
		unexpected: first(unexpected),
		misshapen: first(misshapen),
	});
}

/** Returns the file's SHA-256. Weights are laid down in the order of their offsets, the gaps between them as zeros. */
async function writeWeights(
	path: string,
	layout: Layout,
	tensors: ReadonlyMap<string, CheckpointTensor>,
	options: ConvertOptions,
): Promise<string> {
	const hash = createHash("sha256");
	const file = await open(path, "w");
	let at = 0;
	const put = async (bytes: Uint8Array) => {
		hash.update(bytes);
		for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
		at += bytes.length;
	};
	try {
		for (const { key, offset } of layout.tensors) {
			if (options.signal.aborted) throw new GlassworksError("cancelled", "The conversion was stopped.");
			await put(new Uint8Array(offset - at));
			for await (const chunk of tensors.get(key)?.float32() ?? []) await put(chunk);
			options.onProgress(at / layout.bytes);
		}
		await file.sync();
	} finally {
		await file.close();
	}
	if (at !== layout.bytes)
		throw new GlassworksError("internal", `The layout of ${layout.weightsFile} does not add up: ${at} of ${layout.bytes} bytes.`);
	return hash.digest("hex");
}
