import { z } from "zod";
import type { Json } from "../domain/json.ts";

/** Named once, so that the document says "any JSON" by reference. */
export const jsonValue: z.ZodType<Json> = z
	.lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValue), z.record(z.string(), jsonValue)]))
	.meta({ id: "Json", description: "Any JSON value." });
/** An object whose fields are nobody's business but its maker's. */
export const jsonObject = z.record(z.string(), jsonValue);

/** RFC 9457 problem details; `code` is stable, see docs/errors.md. */
export const problem = z
	.object({
		type: z.string().describe("Address of the error's documentation."),
		title: z.string(),
		status: z.int(),
		code: z.string().describe("Stable; see docs/errors.md."),
		detail: z.string().describe("What happened and what would be right."),
		errors: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })).describe("One per wrong field."),
		request_id: z.string().describe("Finds the request in the server's log."),
	})
	.catchall(jsonValue)
	.meta({ id: "Problem" });

export const timestamp = z.iso.datetime().describe("UTC, ISO 8601.");

/** Cursor pagination: pass `next` as `before`. */
export const pageQuery = z.object({
	limit: z.coerce.number().int().min(1).max(100).default(20).describe("How many to return."),
	before: z.string().max(200).optional().describe("`next` of the page before."),
});
