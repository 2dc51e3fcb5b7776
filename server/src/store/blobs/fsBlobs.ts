import { randomUUID } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { GlassworksError } from "../../domain/errors.ts";
import type { BlobStore } from "../../domain/ports.ts";
import { assertBlobName, assertRange, assertTenantId, blobNotFound, isSha256, isTenantId, rangeOutside, sha256Of } from "./blobName.ts";

const chunkBytes = 256 * 1024;
/** No write takes this long, so an older unfinished file is what a killed process left. */
const abandonedAfterMs = 3_600_000;
const unfinishedSuffix = ".unfinished";

/**
 * Blobs as files: `<dir>/<tenant>/<first two hex digits>/<sha256>`. Several processes may share the folder.
 * Putting what is already there renews its age, so a sweep that spares the young spares it too.
 * `list` also removes what writes of killed processes left behind.
 */
export function createFsBlobs(dir: string): BlobStore {
	const folderOf = (tenantId: string, sha256: string) => path.join(dir, tenantId, sha256.slice(0, 2));
	const fileOf = (tenantId: string, sha256: string) => path.join(folderOf(tenantId, sha256), sha256);
	return {
		async put(tenantId, bytes) {
			assertTenantId(tenantId);
			const sha256 = sha256Of(bytes);
			const folder = folderOf(tenantId, sha256);
			try {
				if (!(await renewAge(path.join(folder, sha256)))) await writeWhole(folder, sha256, bytes);
				// Also for a blob that was there: the process that wrote it may not have come this far yet.
				await Promise.all([folder, path.dirname(folder), dir].map(syncFolder));
			} catch (error) {
				throw toStorageError(error);
			}
			return { sha256 };
		},

		async get(tenantId, sha256) {
			assertBlobName(tenantId, sha256);
			return await fs.readFile(fileOf(tenantId, sha256)).catch(throwNotFound);
		},

		async stream(tenantId, sha256, range) {
			assertBlobName(tenantId, sha256);
			if (range) assertRange(range);
			const file = await fs.open(fileOf(tenantId, sha256), "r").catch(throwNotFound);
			try {
				const { size } = await file.stat();
				if (range && range.start >= size) throw rangeOutside();
				return readSlice(file, range?.start ?? 0, Math.min(range?.end ?? size - 1, size - 1));
			} catch (error) {
				await file.close();
				throw error;
			}
		},

		async delete(tenantId, sha256) {
			assertBlobName(tenantId, sha256);
			await fs.rm(fileOf(tenantId, sha256), { force: true });
		},

		list: () => listFiles(dir),
		link: async () => null,
		async check() {
			try {
				await fs.mkdir(dir, { recursive: true, mode: 0o700 });
				await fs.access(dir, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
			} catch (error) {
				const unavailable = new GlassworksError("unavailable", "The folder of the pictures cannot be read and written.");
				unavailable.cause = error;
				throw unavailable;
			}
		},
		close: async () => {},
	};
}

function toStorageError(error: unknown): unknown {
	if (!hasCode(error, "ENOSPC") && !hasCode(error, "EDQUOT")) return error;
	const message = "The disk that holds the pictures is full. Free some space and try again.";
	return new GlassworksError("unavailable", message, { retry_after_s: 30 });
}

/** False where there is no such file. */
async function renewAge(file: string): Promise<boolean> {
	const now = new Date();
	try {
		await fs.utimes(file, now, now);
		return true;
	} catch (error) {
		if (hasCode(error, "ENOENT")) return false;
		throw error;
	}
}

/** The file appears complete or not at all, whenever the process or the machine stops. */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
	await fs.mkdir(folder, { recursive: true, mode: 0o700 });
	const unfinished = path.join(folder, `${name}.${randomUUID()}${unfinishedSuffix}`);
	try {
		const file = await fs.open(unfinished, "wx", 0o600);
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		await fs.rename(unfinished, path.join(folder, name));
	} catch (error) {
		await fs.rm(unfinished, { force: true });
		throw error;
	}
}

/** Makes new names in a folder survive a power cut. Windows has no such call and keeps them in its journal. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await fs.open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/**
 * Bytes `start` to `end` of an open file, which is closed at the end, on failure and on `return`.
 * Not a generator: those ignore `return` before their first `next`, and a client that hangs up early would leave the file open.
 */
function readSlice(file: fs.FileHandle, start: number, end: number): AsyncIterableIterator<Uint8Array> {
	let position = start;
	const finish = async (): Promise<IteratorReturnResult<undefined>> => {
		position = end + 1;
		await file.close();
		return { done: true, value: undefined };
	};
	return {
		async next() {
			if (position > end) return await finish();
			try {
				const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkBytes, end + 1 - position)), { position });
				if (bytesRead === 0) throw new Error("a stored file became shorter while it was read");
				position += bytesRead;
				return { done: false, value: buffer.subarray(0, bytesRead) };
			} catch (error) {
				await finish();
				throw error;
			}
		},
		return: finish,
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}

async function* listFiles(dir: string): AsyncIterable<{ tenantId: string; sha256: string; modifiedAt: Date }> {
	for await (const tenantId of namesIn(dir)) {
		if (!isTenantId(tenantId)) continue;
		for await (const shard of namesIn(path.join(dir, tenantId))) {
			const folder = path.join(dir, tenantId, shard);
			for await (const name of namesIn(folder)) {
				const stat = await fs.stat(path.join(folder, name)).catch(ignoreMissing);
				if (!stat?.isFile()) continue;
				if (isSha256(name) && name.startsWith(shard)) yield { tenantId, sha256: name, modifiedAt: stat.mtime };
				else if (name.endsWith(unfinishedSuffix) && Date.now() - stat.mtimeMs > abandonedAfterMs)
					await fs.rm(path.join(folder, name), { force: true });
			}
		}
	}
}

/** Names in a folder; none where it is missing or not a folder. */
async function* namesIn(folder: string): AsyncIterable<string> {
	const entries = await fs.opendir(folder).catch(ignoreMissing);
	if (!entries) return;
	for await (const entry of entries) yield entry.name;
}

function throwNotFound(error: unknown): never {
	throw hasCode(error, "ENOENT") ? blobNotFound() : error;
}

function ignoreMissing(error: unknown): undefined {
	if (!hasCode(error, "ENOENT") && !hasCode(error, "ENOTDIR")) throw error;
	return undefined;
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
