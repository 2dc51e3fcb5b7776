import { createClient, type GlassworksClient } from "@glassworks/sdk";
import { z } from "zod";
import type { Config } from "../config.ts";
import { GlassworksError } from "../domain/errors.ts";
import { readServerInfo } from "../lockFile.ts";
import { sendRequest } from "../worker/request.ts";
import type { CliDeps, RunningApp } from "./deps.ts";
import { CliFailure } from "./failure.ts";

/** A server to talk to, wherever it runs. */
export interface Connection {
	url: string;
	key: string | null;
	client: GlassworksClient;
	/** Stops the server when it was started for this command. */
	close(): Promise<void>;
}

/** How long to wait for another command that has the platform to itself. */
const patienceMs = 120_000;

/**
 * The server that GLASSWORKS_URL names, or else the one that runs on this machine.
 * @throws {CliFailure} when there is none
 */
export async function connect(config: Config): Promise<Connection> {
	const found = await findServer(config);
	if (found) return found;
	throw new CliFailure(
		"no server is running on this machine. Start one with `glassworks serve`, or name one with GLASSWORKS_URL and GLASSWORKS_KEY.",
	);
}

/** As connect, but without a server starts the platform in this process. Waits while another command does the same. */
export async function connectOrStart(deps: CliDeps, config: Config): Promise<Connection> {
	const { terminal, stop } = deps;
	const deadline = Date.now() + patienceMs;
	let told = false;
	for (;;) {
		const found = await findServer(config);
		if (found) return found;
		try {
			if (!told) terminal.tell("No server is running here: starting one for this command.");
			told = true;
			const app = await deps.startApp(config, { services: ["api", "worker"], port: 0, quiet: true });
			return toConnection(app.url, config.serverKey ?? app.localToken, app);
		} catch (error) {
			if (!isTaken(error) || Date.now() > deadline || stop.signal.aborted) throw error;
			await new Promise((resolve) => setTimeout(resolve, 300));
		}
	}
}

async function findServer(config: Config): Promise<Connection | null> {
	if (config.serverUrl) return toConnection(config.serverUrl, config.serverKey, null);
	const running = await readServerInfo(config.dataDir);
	return running && toConnection(running.url, config.serverKey ?? running.token, null);
}

function toConnection(url: string, key: string | null, app: RunningApp | null): Connection {
	return { url, key, client: createClient({ baseUrl: url, ...(key ? { apiKey: key } : {}) }), close: async () => app?.close() };
}

/** Another process has the data folder. */
function isTaken(error: unknown): boolean {
	return error instanceof GlassworksError && error.code === "unavailable" && error.data.pid !== undefined;
}

/** A call of the operator's part of the API, which the client package does not cover. @throws {GlassworksError} */
export async function callApi<T>(
	{ url, key }: Connection,
	method: "GET" | "POST" | "DELETE",
	path: string,
	answer: z.ZodType<T>,
	body?: object,
	timeoutMs = 30_000,
): Promise<T> {
	const { bytes } = await sendRequest(new URL(`${url}/api/v1/${path}`), {
		method,
		headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(body ? { "content-type": "application/json" } : {}) },
		...(body ? { body: JSON.stringify(body) } : {}),
		timeoutMs,
	});
	const text = new TextDecoder().decode(bytes);
	const parsed = answer.safeParse(text === "" ? undefined : JSON.parse(text));
	if (parsed.success) return parsed.data;
	throw new GlassworksError("unavailable", `The answer of ${url} is not what this version understands: ${z.prettifyError(parsed.error)}`);
}
