import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const serverInfo = z.object({ url: z.url(), token: z.string().min(1), pid: z.int().min(1), startedAt: z.iso.datetime() });

/** How other processes of this user on this machine reach the running server. `token` acts as the owner. */
export type ServerInfo = z.infer<typeof serverInfo>;

const healthTimeoutMs = 2_000;

function fileIn(dataDir: string): string {
	return path.join(dataDir, "server.json");
}

/** Readers see the old file or the whole new one, and only this user can read it. */
export async function writeServerInfo(dataDir: string, info: ServerInfo): Promise<void> {
	await fs.mkdir(dataDir, { recursive: true });
	const temporary = `${fileIn(dataDir)}.${randomBytes(6).toString("hex")}`;
	try {
		await fs.writeFile(temporary, `${JSON.stringify(info, null, "\t")}\n`, { mode: 0o600, flag: "wx" });
		await fs.rename(temporary, fileIn(dataDir));
	} catch (error) {
		await fs.rm(temporary, { force: true });
		throw error;
	}
}

/** Removes what this process wrote; a file that another server has written since stays. */
export async function removeServerInfo(dataDir: string, pid: number): Promise<void> {
	if ((await readFile(dataDir))?.pid === pid) await fs.rm(fileIn(dataDir), { force: true });
}

/** The running server, or null: no file, its process is gone, or it does not answer. */
export async function readServerInfo(dataDir: string): Promise<ServerInfo | null> {
	const info = await readFile(dataDir);
	return info && isAlive(info.pid) && (await answers(info.url)) ? info : null;
}

async function readFile(dataDir: string): Promise<ServerInfo | null> {
	try {
		return serverInfo.parse(JSON.parse(await fs.readFile(fileIn(dataDir), "utf8")));
	} catch {
		return null;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// It lives but belongs to someone else.
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(healthTimeoutMs), redirect: "error" });
		await response.body?.cancel();
		return response.ok;
	} catch {
		return false;
	}
}
