import { GlassworksError } from "../../domain/errors.ts";
import { type Json, type JsonObject, parseJson } from "../../domain/json.ts";
import { isDeeperThan } from "../../domain/workflows/comfy/graphLimits.ts";

/** What the server said. `json` is undefined when the body was none: errors of ComfyUI, and of proxies before it, often are not. */
export interface Answer {
	status: number;
	json: Json | undefined;
}

/**
 * ComfyUI's HTTP. Paths are relative (`api/jobs/1`), so that a server behind a path of a proxy works.
 * Every method throws `engine_down` when no whole answer came: then it is not known whether the server did what was asked.
 */
export interface ComfyHttp {
	get(path: string): Promise<Answer>;
	post(path: string, body: JsonObject): Promise<Answer>;
	postForm(path: string, form: FormData): Promise<Answer>;
	/** @throws {GlassworksError} `engine_down` also for every status but 200 */
	getBytes(path: string, maxBytes: number): Promise<Uint8Array>;
}

export interface HttpOptions {
	url: string;
	headers: Record<string, string>;
	requestMs: number;
}

/** A list of all nodes of a server with hundreds of extensions is some megabytes. */
const maxJsonBytes = 64 * 1024 * 1024;
/** What lies deeper cannot even be written down again. Prompts in a history are as deep as graphs may be. */
const maxJsonDepth = 100;

export function createHttp({ url, headers, requestMs }: HttpOptions): ComfyHttp {
	async function attempt(path: string, maxBytes: number, init: RequestInit): Promise<{ status: number; bytes: Uint8Array }> {
		const response = await fetch(addressOf(url, path), {
			...init,
			headers: { ...headers, ...init.headers },
			// Headers may hold a secret, which must not follow a redirect elsewhere.
			redirect: "manual",
			signal: AbortSignal.timeout(requestMs),
		});
		return { status: response.status, bytes: await readAtMost(response, maxBytes) };
	}

	async function request(path: string, maxBytes: number, init: RequestInit): Promise<{ status: number; bytes: Uint8Array }> {
		try {
			return await attempt(path, maxBytes, init).catch((error) => {
				// A connection that was kept may have died with the server's last process. What only reads can be asked again.
				if (init.method !== undefined || error.name === "TimeoutError") throw error;
				return attempt(path, maxBytes, init);
			});
		} catch (cause) {
			throw new GlassworksError("engine_down", "The engine could not be reached.", { cause: nameOf(cause) });
		}
	}

	async function requestJson(path: string, init: RequestInit): Promise<Answer> {
		const { status, bytes } = await request(path, maxJsonBytes, init);
		const json = parseJson(new TextDecoder().decode(bytes));
		return { status, json: isDeeperThan(json, maxJsonDepth) ? undefined : json };
	}

	return {
		get: (path) => requestJson(path, {}),
		post: (path, body) =>
			requestJson(path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
		postForm: (path, form) => requestJson(path, { method: "POST", body: form }),
		getBytes: async (path, maxBytes) => {
			const { status, bytes } = await request(path, maxBytes, {});
			if (status === 200) return bytes;
			throw new GlassworksError("engine_down", "The engine no longer has the picture it made.", { status });
		},
	};
}

/** The address of a path below the server's, which may itself have a path. */
export function addressOf(url: string, path: string): URL {
	return new URL(path, url.endsWith("/") ? url : `${url}/`);
}

async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of response.body ?? []) {
		length += piece.length;
		if (length > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
		pieces.push(piece);
	}
	return Buffer.concat(pieces);
}

/** Why there was no answer, in a word: `ECONNREFUSED`, `TimeoutError`. Never an address. */
function nameOf(error: unknown): string {
	// fetch says only "fetch failed"; what failed is in its cause.
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	if (!(cause instanceof Error)) return "unknown";
	return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
