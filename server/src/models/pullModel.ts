import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GlassworksError } from "../domain/errors.ts";
import { convertCheckpoint, type InstalledFile } from "./convertCheckpoint.ts";
import { downloadFile } from "./download.ts";
import { fileDigest } from "./fileDigest.ts";
import { areIntact } from "./listModels.ts";
import { type DownloadableModel, downloadableModels } from "./manifest.ts";
import { readReceipt, writeReceipt } from "./receipt.ts";

export interface PullOptions {
	modelsDir: string;
	dataModelsDir: string;
	fetch: typeof globalThis.fetch;
	signal: AbortSignal;
	/** `fraction` 0 to 1 within the phase. */
	onProgress(progress: { phase: "download" | "check" | "convert"; fraction: number }): void;
	/** Take a file whose digest is not certain; a difference is then reported, not refused. */
	allowUnverified?: boolean;
	/** Id of the licence that the operator accepts, where the model asks for it. */
	acceptedLicence?: string;
	/** A file fetched by other means, used in place of a download. It is read, never moved or deleted. */
	fromFile?: string;
	/** Pause before a failed connection is tried again. Default 1,000. */
	retryDelayMs?: number;
	/** What can be pulled. Default: the built-in list. */
	entries?: readonly DownloadableModel[];
}

export interface PullResult {
	name: string;
	/** True when everything was there and nothing was fetched. */
	wasInstalled: boolean;
	/** Paths relative to the folder of pulled models. */
	files: InstalledFile[];
	/** Of the file as fetched. */
	sourceSha256: string;
	isUsable: boolean;
	note: string;
}

/**
 * Fetches a model, checks it and prepares it for use. Safe to repeat at any point; an interrupted download continues.
 * @throws {GlassworksError} unknown_model; invalid_request (a consent is missing); cancelled; model_missing with
 * `data.reason` "wrong_digest"; engine_invalid (right digest, unreadable content); unavailable with `data.reason`
 * "offline", "http_status", "too_large", "disk" or "busy" (another pull runs on this folder)
 */
export async function pullModel(name: string, options: PullOptions): Promise<PullResult> {
	const model = (options.entries ?? downloadableModels).find((entry) => entry.name === name);
	if (model === undefined)
		throw new GlassworksError("unknown_model", `There is no model "${name}" to pull. \`glassworks models list\` names them.`);
	checkConsent(model, options);
	const receipt = await readReceipt(options.dataModelsDir, name);
	if (receipt !== null && (await areIntact(options.dataModelsDir, receipt.files)))
		return result(model, receipt.files, receipt.source.sha256, true);
	try {
		await mkdir(join(options.dataModelsDir, name), { recursive: true });
		using _lock = lockFolder(options.dataModelsDir);
		return await pull(model, options);
	} catch (error) {
		throw options.signal.aborted
			? new GlassworksError("cancelled", "The pull was stopped; the next one continues it.")
			: diskError(error, options.dataModelsDir);
	}
}

async function pull(model: DownloadableModel, options: PullOptions): Promise<PullResult> {
	const fetched = join(options.dataModelsDir, model.name, model.file);
	const source = options.fromFile ?? fetched;
	if (options.fromFile === undefined) await fetchModel(model, fetched, options);
	const sourceSha256 = await checkDigest(model, source, options);
	const files = await install(model, source, sourceSha256, options);
	await writeReceipt(options.dataModelsDir, {
		name: model.name,
		licence: model.licence,
		source: { file: model.file, sha256: sourceSha256 },
		files,
	});
	return result(model, files, sourceSha256, false);
}

function checkConsent(model: DownloadableModel, options: PullOptions): void {
	const { terms } = model;
	if (terms !== null && options.acceptedLicence !== terms.id)
		throw new GlassworksError(
			"invalid_request",
			`${terms.notice} Read it at ${terms.url}. To fetch it on these terms add --accept-licence ${terms.id}.`,
			{ reason: "licence", licence: terms.id, url: terms.url },
		);
	if (!model.isVerified && options.allowUnverified !== true)
		throw new GlassworksError(
			"invalid_request",
			`No certain digest of ${model.file} is known. To fetch it regardless add --allow-unverified.`,
			{
				reason: "unverified",
			},
		);
}

/** Leaves the whole file at `path`. */
async function fetchModel(model: DownloadableModel, path: string, options: PullOptions): Promise<void> {
	const isThere = await stat(path).then(
		(info) => model.bytes === null || info.size === model.bytes,
		() => false,
	);
	if (isThere) return;
	const { fetch, signal, retryDelayMs = 1000 } = options;
	const onProgress = (fraction: number) => options.onProgress({ phase: "download", fraction });
	try {
		await downloadFile({ url: model.url, path: `${path}.part`, bytes: model.bytes, fetch, signal, onProgress, retryDelayMs });
	} catch (error) {
		if (!(error instanceof GlassworksError) || error.code !== "unavailable") throw error;
		throw new GlassworksError("unavailable", `${error.message}. ${byHand(model)}`, {
			...error.data,
			url: model.url,
			digest: model.digest?.hex ?? null,
		});
	}
	await rename(`${path}.part`, path);
}

function byHand(model: DownloadableModel): string {
	const digest = model.digest === null ? "" : ` (${model.digest.algorithm} ${model.digest.hex})`;
	return `Fetch ${model.url}${digest} by other means and run \`glassworks models pull ${model.name} --from ${model.file}\`.`;
}

/** Returns the SHA-256 of the file. A wrong download is deleted; a file the operator gave is left alone. */
async function checkDigest(model: DownloadableModel, path: string, options: PullOptions): Promise<string> {
	options.onProgress({ phase: "check", fraction: 0 });
	const sha256 = await fileDigest(path, "sha256", options.signal);
	const { digest } = model;
	const actual = digest?.algorithm === "md5" ? await fileDigest(path, "md5", options.signal) : sha256;
	options.onProgress({ phase: "check", fraction: 1 });
	if (digest === null || actual === digest.hex || !model.isVerified) return sha256;
	if (options.fromFile === undefined) await rm(path, { force: true });
	const fate = options.fromFile === undefined ? "It was deleted" : "It was not used";
	throw new GlassworksError(
		"model_missing",
		`${basename(path)} is not the expected file: its ${digest.algorithm} is ${actual}, not ${digest.hex}. ${fate}.`,
		{
			reason: "wrong_digest",
			expected: digest.hex,
			actual,
		},
	);
}

async function install(model: DownloadableModel, source: string, sha256: string, options: PullOptions): Promise<InstalledFile[]> {
	const { modelsDir, dataModelsDir, signal } = options;
	const target = join(dataModelsDir, model.name, model.file);
	if (model.convertsTo === null) {
		if (source !== target) await copyWhole(source, target);
		return [{ path: `${model.name}/${model.file}`, bytes: (await stat(target)).size, sha256 }];
	}
	const onProgress = (fraction: number) => options.onProgress({ phase: "convert", fraction });
	const network = model.convertsTo;
	const files = await convertCheckpoint({ network, checkpointFile: source, modelsDir, dataModelsDir, signal, onProgress });
	// Converted, the download would be a second copy of the same weights.
	if (options.fromFile === undefined) await rm(target, { force: true });
	return files;
}

/** Copies under another name first, so that `target` is never half a file. */
async function copyWhole(source: string, target: string): Promise<void> {
	await copyFile(source, `${target}.copy`);
	await rename(`${target}.copy`, target);
}

/** Held until disposed, or until this process ends in whatever way. */
function lockFolder(folder: string): Disposable {
	const database = new DatabaseSync(join(folder, "pull.lock"), { timeout: 0 });
	try {
		database.exec("begin exclusive");
	} catch (error) {
		database.close();
		if (!(error instanceof Error) || !error.message.includes("locked")) throw error;
		throw new GlassworksError("unavailable", `Another \`glassworks models pull\` is at work in ${folder}. Wait for it to end.`, {
			reason: "busy",
		});
	}
	return { [Symbol.dispose]: () => database.close() };
}

/** The file system's errors in words; every other error as it is. */
function diskError(error: unknown, folder: string): unknown {
	if (error instanceof GlassworksError || !(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
	const advice =
		error.code === "ENOSPC"
			? "The disk is full: a pull needs twice the size of the model."
			: `Cannot read or write what the pull needs in ${folder}.`;
	return new GlassworksError("unavailable", `${advice} (${error.message})`, { reason: "disk", cause: error.code });
}

function result(model: DownloadableModel, files: InstalledFile[], sourceSha256: string, wasInstalled: boolean): PullResult {
	return { name: model.name, wasInstalled, files, sourceSha256, isUsable: model.isUsable, note: model.note };
}
