import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { vi } from "vitest";
import { findExecutable, findFreePort } from "../../../tools/setup/processes.ts";

/** A Redis of the test's own, which it may stop, kill and start again at the same address. */
export interface OwnRedis {
	url: string;
	kill(): Promise<void>;
	start(): Promise<void>;
	/** It keeps its connections and answers nothing until it goes on. */
	freeze(): void;
	thaw(): void;
	close(): Promise<void>;
}

/** Null where no redis-server is installed. */
export const redisServer = process.env.TEST_REDIS_URL ? findExecutable("redis-server") : null;

export async function openOwnRedis(): Promise<OwnRedis> {
	if (!redisServer) throw new Error("no redis-server is installed");
	const port = await findFreePort();
	const folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-own-redis-"));
	const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
	let child: ChildProcess | null = null;
	const kill = async () => {
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, "exit");
		child.kill("SIGKILL");
		await gone;
	};
	const start = async () => {
		child = spawn(redisServer, args, { stdio: "ignore" });
		await vi.waitFor(() => ping(port), { timeout: 60_000, interval: 50 });
	};
	await start();
	return {
		url: `redis://127.0.0.1:${port}`,
		kill,
		start,
		freeze: () => void child?.kill("SIGSTOP"),
		thaw: () => void child?.kill("SIGCONT"),
		async close() {
			await kill();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function ping(port: number): Promise<void> {
	const client = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => null, commandTimeout: 5_000 });
	client.on("error", () => {});
	try {
		await client.connect();
		await client.ping();
	} finally {
		client.disconnect();
	}
}
