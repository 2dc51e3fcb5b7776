import type { FastifyZodOpenApiSchema } from "fastify-zod-openapi";
import type { z } from "zod";
import { problem } from "../contract/common.ts";
import { type ErrorCode, errorTable } from "../domain/errors.ts";

export function json<T extends z.ZodType>(description: string, schema: T) {
	return { description, content: { "application/json": { schema } } };
}

/** A body that is not JSON, in the document only: the route reads it itself. */
export function bytes(description: string, ...mediaTypes: string[]) {
	const schema = { type: "string" as const, format: "binary" };
	return { description, content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }])) };
}

/** The errors a route can answer with, by status; `rate_limited`, `internal` and `unavailable` always among them. */
export function problems(...codes: ErrorCode[]): NonNullable<FastifyZodOpenApiSchema["response"]> {
	const byStatus = Map.groupBy(new Set<ErrorCode>([...codes, "rate_limited", "internal", "unavailable"]), (code) =>
		String(errorTable[code][0]),
	);
	const describe = (group: ErrorCode[]) => group.map((code) => `\`${code}\`: ${errorTable[code][1]}`).join("\n\n");
	return Object.fromEntries(
		[...byStatus].map(([status, group]) => [
			status,
			{ description: describe(group), content: { "application/problem+json": { schema: problem } } },
		]),
	);
}

/** Ways in, as the document names them. */
export const security: Record<"key" | "signed" | "worker" | "open", Record<string, string[]>[]> = {
	key: [{ key: [] }, { session: [] }],
	signed: [{ key: [] }, { session: [] }, { signedLink: [] }],
	worker: [{ workerToken: [] }],
	open: [],
};
