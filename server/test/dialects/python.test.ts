import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request as ask } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/testApp.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 });

const run = promisify(execFile);
/** `npm run test:clients` makes it. */
const python = fileURLToPath(new URL("../../../.cache/clients/bin/python", import.meta.url));

// fal's client speaks https and nothing else: a proxy stands before the server, as one does where it is used.
describe.skipIf(!existsSync(python))("the Python clients", () => {
	let running: TestApp;
	let folder: string;
	let proxy: Server;
	let poorKey: string;
	let publicUrl: string;
	beforeAll(async () => {
		folder = await mkdtemp(path.join(os.tmpdir(), "glassworks-tls-"));
		await run("openssl", [
			...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
			...[
				"-addext",
				"subjectAltName=DNS:localhost,IP:127.0.0.1",
				"-keyout",
				path.join(folder, "key.pem"),
				"-out",
				path.join(folder, "cert.pem"),
			],
		]);
		const tls = { key: await readFile(path.join(folder, "key.pem")), cert: await readFile(path.join(folder, "cert.pem")) };
		proxy = createServer(tls, (incoming, outgoing) => {
			const { method, url, headers } = incoming;
			const onward = ask(`${running.url}${url}`, { method, headers }, (answer) => {
				outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(outgoing);
			});
			onward.on("error", () => outgoing.destroy());
			incoming.pipe(onward);
		});
		await new Promise<void>((resolve) => {
			proxy.listen(0, "127.0.0.1", resolve);
		});
		const { port } = proxy.address() as AddressInfo;
		publicUrl = `https://127.0.0.1:${port}`;
		running = await startTestApp({ GLASSWORKS_PUBLIC_URL: publicUrl });
		poorKey = (await running.createTenant("free", { creditMicroUsd: 0 })).key;
	});
	afterAll(async () => {
		proxy?.closeAllConnections();
		proxy?.close();
		await running?.close();
		await rm(folder, { recursive: true, force: true });
	});

	test.each(["openai", "fal", "replicate", "webuiapi"])("%s does here what it does at home", async (name) => {
		const host = new URL(publicUrl).host;
		const cert = path.join(folder, "cert.pem");
		const { stdout } = await run(python, [fileURLToPath(new URL("clients.py", import.meta.url)), name], {
			env: {
				...{ PATH: process.env.PATH, GLASSWORKS_TEST_URL: publicUrl, GLASSWORKS_KEY: running.ownerKey, GLASSWORKS_POOR_KEY: poorKey },
				...{ FAL_RUN_HOST: `${host}/fal/run`, FAL_QUEUE_RUN_HOST: `${host}/fal/queue`, SSL_CERT_FILE: cert, REQUESTS_CA_BUNDLE: cert },
			},
		});
		expect(stdout).toContain(`ok ${name}`);
	});
});
