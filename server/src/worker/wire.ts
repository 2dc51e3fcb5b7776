import { GlassworksError } from "../domain/errors.ts";
import { isLoopback, sendRequest } from "./request.ts";

export interface WireOptions {
	/** Address of the Glassworks server. */
	serverUrl: string;
	/** From `glassworks workers add`. */
	token: string;
	/** Lets the token and pictures travel unencrypted to another machine. */
	allowHttp: boolean;
	/** Milliseconds until an answer must have come. Default: 15,000; pictures get eight times as long. */
	timeoutMs?: number;
}

type Answer = Promise<{ bytes: Uint8Array }>;

/** The worker's part of the server's API: addresses, token, time limits. Paths are below /api/worker/v1. */
export interface Wire {
	/** `waitMs`: how long the server was allowed to keep us waiting. */
	post(path: string, body: object, waiting?: { waitMs: number; signal: AbortSignal }): Answer;
	put(path: string, picture: { bytes: Uint8Array; mediaType: string }): Answer;
	/** Follows a link that came with a task. */
	get(link: string): Answer;
}

/** More than any picture a step takes. */
const maxInputBytes = 512 * 1_048_576;

/** @throws {GlassworksError} invalid_request */
export function openWire(options: WireOptions): Wire {
	const { allowHttp, timeoutMs = 15_000 } = options;
	const server = readServerUrl(options);
	// An error about a header that cannot be sent would repeat it.
	if (!/^[\w.~+/=-]+$/.test(options.token)) throw new GlassworksError("invalid_request", "The token has characters that no token has.");
	const headers = { authorization: `Bearer ${options.token}` };
	const pictureTimeoutMs = timeoutMs * 8;
	const at = (path: string) => new URL(`api/worker/v1/${path}`, server);

	return {
		post: (path, body, waiting) =>
			sendRequest(at(path), {
				method: "POST",
				headers: { ...headers, "content-type": "application/json" },
				body: JSON.stringify(body),
				timeoutMs: timeoutMs + (waiting?.waitMs ?? 0),
				signal: waiting?.signal,
			}),
		put: (path, { bytes, mediaType }) =>
			sendRequest(at(path), {
				method: "PUT",
				headers: { ...headers, "content-type": mediaType },
				// Copied, because fetch does not take bytes that may be shared between threads.
				body: new Uint8Array(bytes),
				timeoutMs: pictureTimeoutMs,
			}),
		async get(link) {
			// The server may lie below a path of its own, which its own links do not know.
			const url = new URL(link.replace(/^\/+/, ""), server);
			refuseUnencrypted(url, allowHttp);
			// The token is for the server alone, wherever a link may lead.
			const sent = url.origin === server.origin ? headers : {};
			return sendRequest(url, { method: "GET", headers: sent, timeoutMs: pictureTimeoutMs, maxBytes: maxInputBytes });
		},
	};
}

function readServerUrl({ serverUrl, allowHttp }: WireOptions): URL {
	if (!URL.canParse(serverUrl))
		throw new GlassworksError("invalid_request", `"${serverUrl}" is not an address such as https://images.example.com.`);
	const url = new URL(serverUrl);
	refuseUnencrypted(url, allowHttp);
	if (!url.pathname.endsWith("/")) url.pathname += "/";
	return url;
}

function refuseUnencrypted(url: URL, allowHttp: boolean): void {
	if (url.protocol === "https:" || (url.protocol === "http:" && (allowHttp || isLoopback(url)))) return;
	throw new GlassworksError(
		"invalid_request",
		`${url.origin} is not encrypted: anybody on the way could read the worker's token and the pictures. Use https, or --allow-http within a network you trust.`,
	);
}
