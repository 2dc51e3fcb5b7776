import { spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readServerInfo, removeServerInfo, writeServerInfo } from "./lockFile.ts";

let dataDir = "";
let server: http.Server;
let url = "";

beforeEach(async () => {
	dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-lock-"));
	server = http.createServer((request, response) => response.writeHead(request.url === "/healthz" ? 200 : 404).end());
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	fs.rmSync(dataDir, { recursive: true });
});

const info = (pid = process.pid) => ({ url, token: "a-token-of-some-length", pid, startedAt: new Date().toISOString() });
const file = () => path.join(dataDir, "server.json");

describe("the running server's address", () => {
	test("is found by other commands of this user, and nobody else can read its token", async () => {
		await writeServerInfo(dataDir, info());
		expect(await readServerInfo(dataDir)).toMatchObject({ url, token: "a-token-of-some-length" });
		expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
		expect(fs.readdirSync(dataDir)).toEqual(["server.json"]);
	});

	test("of a server that was killed is not used", async () => {
		const dead = spawnSync(process.execPath, ["-e", ""]).pid;
		await writeServerInfo(dataDir, info(dead));
		expect(await readServerInfo(dataDir)).toBeNull();
	});

	test("of a server that no longer answers is not used", async () => {
		await writeServerInfo(dataDir, { ...info(), url: "http://127.0.0.1:9" });
		expect(await readServerInfo(dataDir)).toBeNull();
	});

	test("is not taken from a file that is damaged, and none is no error", async () => {
		expect(await readServerInfo(dataDir)).toBeNull();
		for (const text of ["", "{", '{"url":"http://127.0.0.1"}', '{"url":7,"token":"","pid":-1}']) {
			fs.writeFileSync(file(), text);
			expect(await readServerInfo(dataDir), text).toBeNull();
		}
	});

	test("a stopping server leaves the file of the next one alone", async () => {
		await writeServerInfo(dataDir, info());
		await removeServerInfo(dataDir, process.pid + 1);
		expect(fs.existsSync(file())).toBe(true);
		await removeServerInfo(dataDir, process.pid);
		expect(fs.existsSync(file())).toBe(false);
	});
});
