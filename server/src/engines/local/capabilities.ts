import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { noTraits, type Traits } from "../../domain/engines/traits.ts";
import type { Capability } from "../../domain/ports.ts";
import { opencvFile } from "./telea/opencv.ts";

/** Where networks lie: shipped ones, and those that `glassworks models pull` brought. */
export interface ModelFolders {
	readonly modelsDir: string;
	readonly dataModelsDir: string | null;
}

/** A capability and the files (absolute paths) that it needs and that make its results what they are. */
export interface LocalCapability {
	readonly capability: Capability;
	readonly files: readonly string[];
	readonly traits?: Traits;
	/** Whether a face network weighs fidelity itself. */
	readonly takesFidelity?: true;
}

const glyphFileNames = [
	"glyph/vocab.txt",
	"glyph/concepts.json",
	"glyph/concepts.i8",
	"glyph/minilm.onnx",
	"glyph/minilm.embed.bin",
	"glyph/glyph-text.onnx",
	"glyph/glyph-prior.onnx",
	"glyph/glyph-step.onnx",
	"glyph/scene-cut.onnx",
	"glyph/scene-unite.onnx",
	"upscale/realesr-animevideov3-x4.onnx",
];

/** Every capability this engine can have; those whose files are absent it lacks. */
export function localCapabilities({ modelsDir, dataModelsDir }: ModelFolders): LocalCapability[] {
	const shipped = (capability: Capability, names: string[]) => ({ capability, files: names.map((name) => join(modelsDir, name)) });
	const capabilities: LocalCapability[] = [
		{ ...shipped("generate:embedded", glyphFileNames), traits: { ...noTraits, imageToImage: true } },
		{ ...shipped("inpaint:embedded", glyphFileNames), traits: { ...noTraits, operations: ["replace", "insert"] } },
		shipped("detect_faces:blazeface", ["faces/blazeface-front.onnx", "faces/blazeface-back.onnx"]),
		shipped("upscale:realesr-animevideov3", ["upscale/realesr-animevideov3-x4.onnx"]),
		shipped("upscale:realesrgan-x4plus", ["upscale/realesrgan-x4plus.onnx"]),
	];
	const pulled = (network: string) =>
		[`${network}.onnx`, `${network}.weights`].map((name) => join(dataModelsDir ?? modelsDir, network, name));
	return [
		...capabilities,
		{ capability: "inpaint:telea", files: [opencvFile], traits: { ...noTraits, operations: ["remove", "fill"] } },
		{ capability: "inpaint:mirror", files: [], traits: { ...noTraits, operations: ["outpaint"], ignoresPrompt: true } },
		{ capability: "restore_faces:gfpgan", files: pulled("gfpgan") },
		{ capability: "restore_faces:codeformer", files: pulled("codeformer"), takesFidelity: true },
		{ capability: "composite:standard", files: [] },
		{ capability: "resize:standard", files: [] },
	];
}

/** The names of a capability's files that are not there. */
export async function missingFiles({ files }: LocalCapability): Promise<string[]> {
	const present = await Promise.all(files.map((file) => stat(file).then(isFile, () => false)));
	return files.filter((_, at) => !present[at]);
}

function isFile(stats: { isFile(): boolean }): boolean {
	return stats.isFile();
}

async function sha256(file: string): Promise<string> {
	const hash = createHash("sha256");
	// Small pieces: 100 MB at once would hold up the event loop.
	for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024 })) hash.update(piece);
	return hash.digest("hex");
}

/**
 * Digests of capabilities: SHA-256 over the SHA-256 of each file, in order.
 * A file is read again only when its size or time of change differs.
 */
export function createDigests(): (capability: LocalCapability) => Promise<string> {
	const known = new Map<string, { version: string; digest: Promise<string> }>();
	const digestOf = async (file: string) => {
		const { size, mtimeMs } = await stat(file);
		const version = `${size}:${mtimeMs}`;
		const entry = known.get(file);
		if (entry?.version === version) return entry.digest;
		const digest = sha256(file);
		known.set(file, { version, digest });
		digest.catch(() => known.delete(file));
		return digest;
	};
	return async ({ files }) => {
		const hash = createHash("sha256");
		for (const file of files) hash.update(await digestOf(file)).update("\n");
		return hash.digest("hex");
	};
}
