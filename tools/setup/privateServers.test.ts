import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { findPostgresFolder, startPrivatePostgres } from "./postgres.ts";
import { findExecutable } from "./processes.ts";
import { startPrivateRedis } from "./redis.ts";

const postgresFolder = findPostgresFolder();
const redisServer = findExecutable("redis-server");

function listens(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = net.connect({ host: "127.0.0.1", port });
		socket.on("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.on("error", () => resolve(false));
	});
}

test.skipIf(!postgresFolder)("a private PostgreSQL lets tests create databases and is gone once closed, folder and all", async () => {
	const server = await startPrivatePostgres(postgresFolder ?? "");
	if (!server.found) throw new Error(server.why);
	const client = new pg.Client({ connectionString: server.value });
	await client.connect();
	const { rows } = await client.query("select current_setting('data_directory') as folder");
	await client.query("create database one_of_many");
	await client.end();
	expect(fs.existsSync(rows[0].folder)).toBe(true);
	await server.close();
	expect(await listens(Number(new URL(server.value).port))).toBe(false);
	expect(fs.existsSync(rows[0].folder)).toBe(false);
});

test.skipIf(!redisServer)("a private Redis answers, and is gone once closed", async () => {
	const server = await startPrivateRedis(redisServer ?? "");
	if (!server.found) throw new Error(server.why);
	const port = Number(new URL(server.value).port);
	expect(await listens(port)).toBe(true);
	await server.close();
	expect(await listens(port)).toBe(false);
});

// Only where the kernel can be asked to end a child with its parent (Linux).
test.skipIf(!postgresFolder || !findExecutable("setpriv"))("kill -9 of a test run leaves no private PostgreSQL behind", async () => {
	const module = JSON.stringify(new URL("./postgres.ts", import.meta.url).href);
	const program = `import { startPrivatePostgres } from ${module}; console.log((await startPrivatePostgres(${JSON.stringify(postgresFolder)})).value);`;
	const owner = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
	const [url] = await once(owner.stdout.setEncoding("utf8"), "data");
	const client = new pg.Client({ connectionString: String(url).trim() });
	await client.connect();
	const { rows } = await client.query("select current_setting('unix_socket_directories') as folder");
	await client.end();
	owner.kill("SIGKILL");
	while (await listens(Number(new URL(String(url).trim()).port))) await sleep(50);
	fs.rmSync(rows[0].folder, { recursive: true, force: true, maxRetries: 20 });
});
