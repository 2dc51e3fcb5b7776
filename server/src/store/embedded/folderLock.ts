import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GlassworksError } from "../../domain/errors.ts";

/** Held for the life of the process: a collected handle would free the lock, and two writers then corrupt the folder. */
const held = new Set<DatabaseSync>();

/**
 * Takes the data folder for this process alone. The lock is SQLite's, so kill -9 frees it and no stale file can be won twice.
 * @throws {GlassworksError} unavailable, naming the process that has it
 */
export function lockFolder(dir: string): { release(): void } {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const owner = path.join(dir, "owner.json");
	const lock = new DatabaseSync(path.join(dir, "lock.sqlite"), { timeout: 0 });
	try {
		lock.exec("begin exclusive");
	} catch {
		lock.close();
		const pid = readOwner(owner);
		throw new GlassworksError(
			"unavailable",
			`Another Glassworks process (pid ${pid ?? "unknown"}) is using ${dir}. Stop it, or set DATABASE_URL to share a database.`,
			{
				pid: pid ?? 0,
			},
		);
	}
	held.add(lock);
	writeFileSync(owner, JSON.stringify({ pid: process.pid }), { mode: 0o600 });
	return {
		release() {
			held.delete(lock);
			lock.close();
		},
	};
}

function readOwner(file: string): number | null {
	try {
		const pid: unknown = JSON.parse(readFileSync(file, "utf8")).pid;
		return typeof pid === "number" ? pid : null;
	} catch {
		return null;
	}
}
