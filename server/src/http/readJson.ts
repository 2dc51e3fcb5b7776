import type { FastifyInstance } from "fastify";
import { GlassworksError } from "../domain/errors.ts";

const maxDepth = 64;

/**
 * JSON bodies: an empty one is no body (real clients send `Content-Type: application/json` with nothing when they cancel), and text that
 * the database could not hold is refused here, naming the field.
 */
export function readJsonBodies(app: FastifyInstance): void {
	const parse = app.getDefaultJsonParser("error", "error");
	app.removeContentTypeParser(["application/json", "text/plain"]);
	app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
		if (body.trim() === "") return done(null, undefined);
		parse(request, body, (error, value: unknown) => {
			if (error) return done(new GlassworksError("malformed_body", "The body is not valid JSON."));
			const refused = findUnstorable(value);
			return refused ? done(refused) : done(null, value);
		});
	});
}

/** Walks without recursion, so that nesting cannot exhaust the stack. */
export function findUnstorable(value: unknown): GlassworksError | null {
	const open: { value: unknown; path: (string | number)[] }[] = [{ value, path: [] }];
	for (let entry = open.pop(); entry; entry = open.pop()) {
		if (typeof entry.value === "string" && !isStorable(entry.value)) return unstorable(entry.path);
		if (typeof entry.value !== "object" || entry.value === null) continue;
		if (entry.path.length >= maxDepth) return new GlassworksError("malformed_body", `The body is nested deeper than ${maxDepth} levels.`);
		for (const [key, child] of Object.entries(entry.value)) {
			if (!isStorable(key)) return unstorable(entry.path);
			open.push({ value: child, path: [...entry.path, Array.isArray(entry.value) ? Number(key) : key] });
		}
	}
	return null;
}

/** PostgreSQL text holds neither NUL nor half a surrogate pair. */
export function isStorable(text: string): boolean {
	return text.isWellFormed() && !text.includes("\0");
}

function unstorable(path: (string | number)[]): GlassworksError {
	const message = "must be text without NUL characters and broken surrogate pairs";
	return new GlassworksError("invalid_request", `${path.join(".")}: ${message}.`, {}, [{ path, message }]);
}
