import { Agent, request as send } from "undici";
import type { z } from "zod";
import { GlassworksError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports.ts";
import { type Refusal, readRefusal, refusalError } from "./failure.ts";

export interface WireOptions {
	url: string;
	headers: Record<string, string>;
	log: Log;
	/** For answers that need no network: what is installed, what is loaded. */
	lookTimeoutMs: number;
	/** For anything that loads or runs a network. After it the connection is given up, whatever IOPaint still does. */
	requestTimeoutMs: number;
}

export type Answer =
	| { ok: true; bytes: Uint8Array; headers: Record<string, string | string[] | undefined> }
	| { ok: false; refusal: Refusal };

/** HTTP with one IOPaint. Both throw `engine_down` when there is no answer; `post` throws `timeout` when it takes too long. */
export interface Wire {
	look(path: string): Promise<Answer>;
	post(path: string, body: object): Promise<Answer>;
	close(): Promise<void>;
}

/** A 512-megapixel PNG; whatever is larger is no picture of ours. */
const maxPictureBytes = 1024 * 1024 * 1024;
/** What is looked up is text. */
const maxTextBytes = 16 * 1024 * 1024;

export function openWire({ url, headers, log, lookTimeoutMs, requestTimeoutMs }: WireOptions): Wire {
	const base = url.replace(/\/+$/, "");
	// Between two steps of a large network nothing is sent: only the limit of the whole request counts.
	const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: lookTimeoutMs } });

	async function exchange(method: "GET" | "POST", path: string, body: object | null, timeoutMs: number): Promise<Answer> {
		const deadline = AbortSignal.timeout(timeoutMs);
		try {
			const response = await send(`${base}${path}`, {
				dispatcher: agent,
				method,
				headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) },
				body: body ? JSON.stringify(body) : null,
				signal: deadline,
			});
			const bytes = await readBody(response.body, method === "GET" ? maxTextBytes : maxPictureBytes);
			if (response.statusCode === 200) return { ok: true, bytes, headers: response.headers };
			const refusal = readRefusal(response.statusCode, bytes);
			log.warn({ path, status: refusal.status, error: refusal.error, text: refusal.text.slice(0, 300) }, "iopaint refused");
			return { ok: false, refusal };
		} catch (error) {
			if (error instanceof GlassworksError) throw error;
			const late = `IOPaint did not answer within ${Math.round(timeoutMs / 1000)} s.`;
			if (deadline.aborted) throw new GlassworksError(method === "GET" ? "engine_down" : "timeout", late);
			log.warn({ path, err: error }, "iopaint not reached");
			throw new GlassworksError("engine_down", "IOPaint could not be reached, or stopped while it answered.");
		}
	}

	return {
		look: (path) => exchange("GET", path, null, lookTimeoutMs),
		post: (path, body) => exchange("POST", path, body, requestTimeoutMs),
		close: () => agent.destroy(),
	};
}

async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
	const pieces: Uint8Array[] = [];
	let total = 0;
	for await (const piece of body) {
		total += piece.byteLength;
		if (total > maxBytes) throw new GlassworksError("internal", "IOPaint answered with more bytes than it ever has to say.");
		pieces.push(piece);
	}
	return Buffer.concat(pieces);
}

/** The JSON of a good answer. @throws {GlassworksError} what the refusal means, or engine_down when it is not IOPaint's JSON */
export function readAnswer<T extends z.ZodType>(schema: T, answer: Answer, asked: string): z.output<T> {
	if (!answer.ok) throw refusalError(answer.refusal, asked);
	try {
		return schema.parse(JSON.parse(new TextDecoder().decode(answer.bytes)));
	} catch {
		throw new GlassworksError("engine_down", "What answers at IOPaint's address is not IOPaint 1.6.");
	}
}
