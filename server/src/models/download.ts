import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GlassworksError } from "../domain/errors.ts";

export interface DownloadOptions {
	url: string;
	/** Grows here; what an earlier, interrupted download left is continued. */
	path: string;
	/** Size of the whole file, where known: more is refused, less is fetched again. */
	bytes: number | null;
	fetch: typeof globalThis.fetch;
	signal: AbortSignal;
	/** 0 to 1; not called while the size is unknown. */
	onProgress(fraction: number): void;
	/** Pause before the first repeat; doubles with each. */
	retryDelayMs: number;
}

/** How often a server may fail in a row without sending a single byte. */
const maxFruitlessTries = 4;
const lastingStatuses = new Set([400, 401, 403, 404, 405, 410, 451]);

/**
 * Fetches a large file, continuing after a cut connection and after an earlier run that did not finish.
 * @throws {GlassworksError} cancelled; unavailable with `data.reason` "offline" (no answer), "http_status", "too_large"
 * @throws the file system's own error when the path cannot be written
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
	let fruitless = 0;
	for (;;) {
		const before = await sizeOf(options.path);
		const outcome = await attempt(options, before).catch((error: unknown) => {
			if (options.signal.aborted)
				throw new GlassworksError("cancelled", "The download was stopped; the next one continues where it ended.");
			return failure(error);
		});
		if (outcome === "done") return;
		fruitless = (await sizeOf(options.path)) > before ? 0 : fruitless + 1;
		if (fruitless >= maxFruitlessTries) throw outcome;
		await sleep(options.retryDelayMs * 2 ** fruitless, undefined, { signal: options.signal }).catch(() => {
			throw new GlassworksError("cancelled", "The download was stopped; the next one continues where it ended.");
		});
	}
}

/** Errors worth another try come back; the others are thrown. */
function failure(error: unknown): GlassworksError {
	if (error instanceof GlassworksError) {
		if (error.data.isLasting === true) throw error;
		return error;
	}
	// The network's errors are TypeErrors of fetch; what carries a system call of the file system is not.
	if (!(error instanceof TypeError)) throw error;
	const { cause } = error;
	const detail =
		cause instanceof Error ? ("code" in cause && typeof cause.code === "string" && cause.code) || cause.message : error.message;
	return new GlassworksError("unavailable", `No answer (${detail})`, { reason: "offline", detail });
}

async function attempt({ url, path, bytes, fetch, signal, onProgress }: DownloadOptions, have: number): Promise<"done"> {
	if (bytes !== null && have === bytes) return "done";
	const canContinue = have > 0 && (bytes === null || have < bytes);
	const headers: Record<string, string> = { "accept-encoding": "identity" };
	if (canContinue) headers.range = `bytes=${have}-`;
	const response = await fetch(url, { headers, signal, redirect: "follow" });
	const range = response.headers.get("content-range");
	if (response.status === 416 && canContinue) {
		await response.body?.cancel();
		if (bytes === null && range === `bytes */${have}`) return "done";
		await truncate(path);
		throw new GlassworksError("unavailable", "The server refused to continue the download", { reason: "http_status", status: 416 });
	}
	if (!response.ok || response.body === null) {
		await response.body?.cancel();
		const isLasting = lastingStatuses.has(response.status);
		throw new GlassworksError("unavailable", `The server answered ${response.status}`, {
			reason: "http_status",
			status: response.status,
			isLasting,
		});
	}
	const continues = response.status === 206 && canContinue && range?.startsWith(`bytes ${have}-`) === true;
	const start = continues ? have : 0;
	const total = bytes ?? announced(response, start);
	await append(path, response.body, { start, total, onProgress });
	if (total !== null && (await sizeOf(path)) < total)
		throw new GlassworksError("unavailable", "The connection was cut", { reason: "offline" });
	return "done";
}

function announced(response: Response, start: number): number | null {
	const length = Number(response.headers.get("content-length") ?? Number.NaN);
	return Number.isSafeInteger(length) && length > 0 ? start + length : null;
}

async function append(
	path: string,
	body: AsyncIterable<Uint8Array>,
	{ start, total, onProgress }: { start: number; total: number | null; onProgress(fraction: number): void },
): Promise<void> {
	const file = await open(path, start === 0 ? "w" : "r+");
	let at = start;
	try {
		for await (const chunk of body) {
			if (total !== null && at + chunk.length > total) {
				await file.truncate(0);
				throw new GlassworksError("unavailable", `The server sends more than the ${total} bytes expected`, {
					reason: "too_large",
					isLasting: true,
				});
			}
			for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
			at += chunk.length;
			if (total !== null) onProgress(at / total);
		}
		await file.sync();
	} finally {
		await file.close();
	}
}

async function truncate(path: string): Promise<void> {
	await (await open(path, "w")).close();
}

async function sizeOf(path: string): Promise<number> {
	return stat(path).then(
		(info) => info.size,
		() => 0,
	);
}
