import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { GlassworksError } from "../domain/errors.ts";
import { fileDigest } from "./fileDigest.ts";
import { type DownloadableModel, downloadableModels } from "./manifest.ts";
import { readReceipt } from "./receipt.ts";

const shippedSchema = z.object({
	files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string(), licence: z.string(), model: z.string() })),
});

export interface ModelFolders {
	/** Shipped models, with their manifest.json. */
	modelsDir: string;
	/** Models pulled onto this machine. Need not exist. */
	dataModelsDir: string;
}

export interface ModelListing {
	name: string;
	origin: "shipped" | "download";
	/** Whether every file is there at its full size; contents are `verifyModels`' business. */
	isInstalled: boolean;
	/** On disk when installed, to download otherwise; null where nobody says. */
	bytes: number | null;
	licence: string;
	isUsable: boolean;
	/** What it is for, or why it is of no use yet. Null for shipped models. */
	note: string | null;
	/** What has to be accepted before it is pulled. Null for free software. */
	terms: DownloadableModel["terms"];
}

export interface ModelFileCheck {
	model: string;
	/** Absolute. */
	path: string;
	state: "ok" | "missing" | "wrong_size" | "wrong_digest";
}

interface ExpectedFile {
	path: string;
	bytes: number;
	sha256: string;
}

/** Shipped models first, then those that can be fetched. @throws {GlassworksError} model_missing without a readable manifest */
export async function listModels(
	folders: ModelFolders,
	entries: readonly DownloadableModel[] = downloadableModels,
): Promise<ModelListing[]> {
	// What ships of a downloadable model is only its shape: the entry for the download tells whether it can run.
	const groups = [...Map.groupBy(await shippedFiles(folders.modelsDir), (file) => file.model)].filter(
		([name]) => !entries.some((entry) => entry.name === name),
	);
	const shipped = await Promise.all(groups.map(([name, files]) => shippedListing(folders.modelsDir, name, files)));
	return [...shipped, ...(await Promise.all(entries.map((model) => downloadListing(folders.dataModelsDir, model))))];
}

/**
 * Reads every shipped file and every file of each pulled model and compares it with what it should be.
 * @throws {GlassworksError} model_missing without a readable manifest; cancelled
 */
export async function verifyModels(
	folders: ModelFolders,
	signal: AbortSignal,
	entries: readonly DownloadableModel[] = downloadableModels,
): Promise<ModelFileCheck[]> {
	const checks: ModelFileCheck[] = [];
	const check = async (model: string, folder: string, file: ExpectedFile) => {
		if (signal.aborted) throw new GlassworksError("cancelled", "The check was stopped.");
		const path = join(folder, file.path);
		checks.push({ model, path, state: await fileState(path, file) });
	};
	for (const file of await shippedFiles(folders.modelsDir)) await check(file.model, folders.modelsDir, file);
	for (const { name } of entries)
		for (const file of (await readReceipt(folders.dataModelsDir, name))?.files ?? []) await check(name, folders.dataModelsDir, file);
	return checks;
}

/** Whether all files are there with the contents they should have. */
export async function areIntact(folder: string, files: readonly ExpectedFile[]): Promise<boolean> {
	for (const file of files) if ((await fileState(join(folder, file.path), file)) !== "ok") return false;
	return true;
}

/** Whether all files are there at their sizes. */
async function areComplete(folder: string, files: readonly ExpectedFile[]): Promise<boolean> {
	const sizes = await Promise.all(files.map((file) => fileBytes(join(folder, file.path))));
	return files.every((file, index) => sizes[index] === file.bytes);
}

async function shippedFiles(modelsDir: string) {
	const path = join(modelsDir, "manifest.json");
	try {
		return shippedSchema.parse(JSON.parse(await readFile(path, "utf8"))).files;
	} catch (cause) {
		throw new GlassworksError(
			"model_missing",
			`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}. Install Glassworks again.`,
		);
	}
}

async function shippedListing(modelsDir: string, name: string, files: (ExpectedFile & { licence: string })[]): Promise<ModelListing> {
	return {
		name,
		origin: "shipped",
		isInstalled: await areComplete(modelsDir, files),
		bytes: files.reduce((sum, file) => sum + file.bytes, 0),
		licence: [...new Set(files.map((file) => file.licence))].join(", "),
		isUsable: true,
		note: null,
		terms: null,
	};
}

async function downloadListing(dataModelsDir: string, model: DownloadableModel): Promise<ModelListing> {
	const receipt = await readReceipt(dataModelsDir, model.name);
	const isInstalled = receipt !== null && (await areComplete(dataModelsDir, receipt.files));
	return {
		name: model.name,
		origin: "download",
		isInstalled,
		bytes: isInstalled ? receipt.files.reduce((sum, file) => sum + file.bytes, 0) : model.bytes,
		licence: model.licence,
		isUsable: model.isUsable,
		note: model.note,
		terms: model.terms,
	};
}

async function fileState(path: string, expected: ExpectedFile): Promise<ModelFileCheck["state"]> {
	const bytes = await fileBytes(path);
	if (bytes === null) return "missing";
	if (bytes !== expected.bytes) return "wrong_size";
	return (await fileDigest(path, "sha256")) === expected.sha256 ? "ok" : "wrong_digest";
}

function fileBytes(path: string): Promise<number | null> {
	return stat(path).then(
		(info) => (info.isFile() ? info.size : null),
		() => null,
	);
}
