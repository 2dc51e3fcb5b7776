import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { stepCancelled } from "../../domain/errors.ts";

/** The only right to talk to one IOPaint, until `release`. */
export interface Turn {
	/**
	 * When the request before began whose end nobody saw (its process was killed, or its connection broke), as ms since 1970; null: none.
	 * It may still run inside IOPaint, beside whatever is sent now.
	 */
	readonly unfinishedSince: number | null;
	/** A request is being sent: whoever comes after must not assume that it ended. */
	begin(): void;
	/** It ended, and so did everything before it. */
	end(): void;
	release(): void;
}

export interface MachineLock {
	/** Waits for this process's earlier callers, then for other processes. @throws {GlassworksError} cancelled */
	take(signal: AbortSignal): Promise<Turn>;
}

/** Held until released: a collected handle would free the lock. */
const held = new Set<DatabaseSync>();
/** By lock file: settles when the last caller of this process is done. */
const lines = new Map<string, Promise<unknown>>();

/**
 * One turn at a time for an address, across every process of this machine that names the same folder. The lock is SQLite's: kill -9 frees it.
 * Processes of other machines or containers are not seen unless they share the folder.
 */
export function createMachineLock(url: string, dir: string | null, pollMs: number): MachineLock {
	const folder = dir ?? path.join(tmpdir(), "glassworks-engines");
	const name = createHash("sha256").update(canonicalAddress(url)).digest("hex").slice(0, 32);
	const file = path.join(folder, `iopaint-${name}.sqlite`);
	const marker = path.join(folder, `iopaint-${name}.running`);

	return {
		async take(signal) {
			const before = lines.get(file) ?? Promise.resolve();
			const mine = Promise.withResolvers<void>();
			lines.set(
				file,
				before.then(() => mine.promise),
			);
			try {
				await orAborted(before, signal);
				mkdirSync(folder, { recursive: true, mode: 0o700 });
				const lock = await poll(() => tryLock(file), pollMs, signal);
				return {
					unfinishedSince: existsSync(marker) ? statSync(marker).mtimeMs : null,
					begin: () => writeFileSync(marker, "", { mode: 0o600 }),
					end: () => rmSync(marker, { force: true }),
					release() {
						held.delete(lock);
						lock.close();
						mine.resolve();
					},
				};
			} catch (error) {
				mine.resolve();
				throw error;
			}
		},
	};
}

/** One spelling for one server: ways to say "this machine" and slashes at the end make no difference. */
function canonicalAddress(url: string): string {
	const { protocol, hostname, port, pathname } = new URL(url);
	const host = ["127.0.0.1", "[::1]"].includes(hostname) ? "localhost" : hostname;
	return `${protocol}//${host}:${port}${pathname.replace(/\/+$/, "")}`;
}

/** The result of `work`, unless the signal comes first; what `work` comes to is then nobody's concern. @throws {GlassworksError} cancelled */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	if (signal.aborted) throw stepCancelled();
	const stopped = Promise.withResolvers<never>();
	const onAbort = () => stopped.reject(stepCancelled());
	signal.addEventListener("abort", onAbort, { once: true });
	try {
		return await Promise.race([work, stopped.promise]);
	} finally {
		signal.removeEventListener("abort", onAbort);
	}
}

async function poll<T>(attempt: () => T | null, everyMs: number, signal: AbortSignal): Promise<T> {
	for (;;) {
		if (signal.aborted) throw stepCancelled();
		const result = attempt();
		if (result) return result;
		// An abort ends the pause early and is thrown above.
		await pause(everyMs, undefined, { signal }).catch(() => {});
	}
}

/** SQLite's code for a lock that another connection has. */
const sqliteBusy = 5;

/** Never waits: SQLite's own waiting would hold up the event loop. */
function tryLock(file: string): DatabaseSync | null {
	const lock = new DatabaseSync(file, { timeout: 0 });
	try {
		lock.exec("begin exclusive");
	} catch (error) {
		lock.close();
		if (error instanceof Error && "errcode" in error && error.errcode === sqliteBusy) return null;
		throw error;
	}
	held.add(lock);
	return lock;
}
