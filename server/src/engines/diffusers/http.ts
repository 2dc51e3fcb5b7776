import { GlassworksError } from "../../domain/errors.ts";
import { refusal } from "./wire.ts";

export interface SidecarHttp {
	/** Any answer; rejects when none came. The body is the caller's to read. */
	request(path: string, init?: RequestInit): Promise<Response>;
	/** @throws {GlassworksError} engine_down */
	getJson(path: string, timeoutMs: number): Promise<unknown>;
}

export function createHttp(url: string, headers: Record<string, string>): SidecarHttp {
	const base = url.endsWith("/") ? url : `${url}/`;
	const request: SidecarHttp["request"] = (path, init) =>
		// The headers may hold a token, which must not follow a redirect elsewhere.
		fetch(new URL(path, base), { ...init, headers: { ...headers, ...init?.headers }, redirect: "manual" });
	return {
		request,
		async getJson(path, timeoutMs) {
			const response = await request(path, { signal: AbortSignal.timeout(timeoutMs) }).catch(unreachable);
			if (response.status !== 200) throw await refused(response);
			return readJson(response).catch(unreachable);
		},
	};
}

/** The sidecar's own answers are some kilobytes. */
const maxJsonBytes = 16 * 1_048_576;

/** Rejects when it is no JSON, or more than any of the sidecar's. */
async function readJson(response: Response): Promise<unknown> {
	const pieces: Uint8Array[] = [];
	let length = 0;
	for await (const piece of response.body ?? []) {
		length += piece.length;
		if (length > maxJsonBytes) throw new Error(`more than ${maxJsonBytes} bytes`);
		pieces.push(piece);
	}
	return JSON.parse(Buffer.concat(pieces).toString("utf8"));
}

export function unreachable(): never {
	throw new GlassworksError("engine_down", "The diffusers sidecar could not be reached.");
}

/** What a refusal means to us. What it says is meant for clients; of anybody else's answers only the status is told. */
export async function refused(response: Response): Promise<GlassworksError> {
	const said = refusal.safeParse(await readJson(response).catch(() => null));
	const { status } = response;
	if (status === 401 || status === 403) return new GlassworksError("engine_down", "The diffusers sidecar does not accept our token.");
	if (said.success && (status === 413 || status === 422)) return new GlassworksError("engine_invalid", said.data.error.message);
	if (status === 404) return new GlassworksError("engine_down", "The diffusers sidecar was restarted and no longer knows the job.");
	return new GlassworksError("engine_down", `The diffusers sidecar answered with status ${status}.`, { status });
}
