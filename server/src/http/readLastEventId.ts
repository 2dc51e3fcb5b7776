import { z } from "zod";
import { GlassworksError } from "../domain/errors.ts";

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** How a client says which events of a stream it has. */
export const resumable = {
	headers: z.looseObject({ "last-event-id": z.string().optional().describe("The last event you had.") }),
	querystring: z.object({ after: seq.optional().describe("Events after this seq. The header Last-Event-ID counts more.") }),
};

/** @throws {GlassworksError} invalid_request */
export function readLastEventId(request: { headers: Record<string, unknown>; query: { after?: number | undefined } }): number {
	const header = request.headers["last-event-id"];
	if (header === undefined || header === "") return request.query.after ?? 0;
	const parsed = seq.safeParse(header);
	if (parsed.success) return parsed.data;
	throw new GlassworksError("invalid_request", "Last-Event-ID: must be the id of an event.", {}, [
		{ path: ["Last-Event-ID"], message: "must be the id of an event" },
	]);
}
