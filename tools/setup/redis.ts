import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { installPackages } from "./apt.ts";
import { findExecutable, findFreePort, startDaemon, tiedToUs } from "./processes.ts";
import { missing, type Resource, ready } from "./resource.ts";

/** A Redis for tests: the one named, the one that runs here, or a private one that ends with us. Suites keep to keys of their own. */
export async function openRedis(): Promise<Resource> {
	const named = process.env.TEST_REDIS_URL;
	if (named) return ready(named, "Redis (TEST_REDIS_URL)");
	if (await answersPing(6379)) return ready("redis://127.0.0.1:6379", "Redis, which runs here");
	if (!findExecutable("redis-server")) {
		const why = await installPackages(["redis-server"]);
		if (why) return missing(why);
	}
	const server = findExecutable("redis-server");
	return server ? startPrivateRedis(server) : missing("no redis-server is installed");
}

function answersPing(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = net.connect({ host: "127.0.0.1", port, timeout: 2_000 });
		const answer = (value: boolean) => {
			socket.destroy();
			resolve(value);
		};
		socket.on("connect", () => socket.write("PING\r\n"));
		socket.on("data", (bytes) => answer(bytes.toString().startsWith("+PONG")));
		socket.on("error", () => answer(false));
		socket.on("timeout", () => answer(false));
		socket.on("close", () => answer(false));
	});
}

export async function startPrivateRedis(server: string): Promise<Resource> {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "glassworks-redis-"));
	const remove = () => fs.rmSync(folder, { recursive: true, force: true });
	try {
		const port = await findFreePort();
		const command = [server, "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
		const daemon = await startDaemon(tiedToUs(command, "KILL", null), path.join(folder, "log"), "SIGTERM", () => answersPing(port));
		return ready(`redis://127.0.0.1:${port}`, `a private Redis on port ${port}`, async () => {
			await daemon.stop();
			remove();
		});
	} catch (error) {
		remove();
		return missing(`a private Redis did not start: ${error instanceof Error ? error.message : String(error)}`);
	}
}
