import { retryAfterMs } from "../http/retryAfterMs.ts";
import type { Json, JsonObject } from "../types.ts";
import { type FieldProblem, GlassworksApiError } from "./GlassworksApiError.ts";

const knownFields = new Set(["type", "title", "status", "code", "detail", "errors", "request_id"]);

/** Reads a refusal, RFC 9457 or not: a proxy's HTML page becomes `http_502`, never a parse error. */
export async function readProblem(response: Response): Promise<GlassworksApiError> {
	const body = await readObject(response);
	const { status } = response;
	return new GlassworksApiError({
		status,
		code: text(body.code) ?? `http_${status}`,
		detail: text(body.detail) ?? text(body.title) ?? `The server answered ${status} and gave no reason.`,
		fields: Array.isArray(body.errors) ? body.errors.flatMap(readField) : [],
		requestId: text(body.request_id) ?? response.headers.get("x-request-id"),
		retryAfterMs: retryAfterMs(response.headers),
		data: Object.fromEntries(Object.entries(body).filter(([name]) => !knownFields.has(name))),
	});
}

async function readObject(response: Response): Promise<JsonObject> {
	try {
		const body: unknown = await response.json();
		return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as JsonObject) : {};
	} catch {
		return {};
	}
}

function text(value: Json | undefined): string | null {
	return typeof value === "string" && value !== "" ? value : null;
}

function readField(value: Json): FieldProblem[] {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
	const { path, message } = value;
	if (!Array.isArray(path) || typeof message !== "string") return [];
	return [{ path: path.filter((part) => typeof part === "string" || typeof part === "number"), message }];
}
