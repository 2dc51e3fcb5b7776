import type { JsonObject } from "../types.ts";

/** A field of the request that was wrong: its JSON path (`["image", "url"]`) and what would be right. */
export interface FieldProblem {
	path: (string | number)[];
	message: string;
}

/** The server answered, and said no. `code` is stable and safe to branch on; `detail` is meant for people. */
export class GlassworksApiError extends Error {
	override readonly name = "GlassworksApiError";
	/** HTTP status. */
	readonly status: number;
	/** As listed in the server's error reference, or `http_<status>` when something in between answered. */
	readonly code: string;
	readonly detail: string;
	readonly fields: FieldProblem[];
	/** Finds the request in the server's log; null when the answer named none. */
	readonly requestId: string | null;
	/** How long the server asked to wait, in milliseconds; null when it did not say. */
	readonly retryAfterMs: number | null;
	/** Whatever else the problem carried: `max`, `asked`, `plans`. */
	readonly data: JsonObject;

	constructor(problem: {
		status: number;
		code: string;
		detail: string;
		fields: FieldProblem[];
		requestId: string | null;
		retryAfterMs: number | null;
		data: JsonObject;
	}) {
		super(problem.detail);
		this.status = problem.status;
		this.code = problem.code;
		this.detail = problem.detail;
		this.fields = problem.fields;
		this.requestId = problem.requestId;
		this.retryAfterMs = problem.retryAfterMs;
		this.data = problem.data;
	}
}
