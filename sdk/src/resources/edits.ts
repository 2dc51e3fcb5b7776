import type { Transport } from "../http/transport.ts";
import type { CreateEdit, EditQuote, Job } from "../types.ts";
import type { CreateOptions } from "./generations.ts";

export function edits(transport: Transport) {
	return {
		/**
		 * Changes part of a picture and returns the job at once; `jobs.wait` waits for the result.
		 * @throws {GlassworksApiError} edit_unavailable when nothing at hand can do it, mask_invalid
		 */
		create(request: CreateEdit, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Job> {
			const headers = { "idempotency-key": idempotencyKey };
			return transport.json<Job>("/api/v1/edits", { method: "POST", json: request, headers, signal });
		},
		/** The price, the model that would do it and the part of the picture it is shown; nothing is queued or charged. */
		quote(request: CreateEdit, { signal }: { signal?: AbortSignal } = {}): Promise<EditQuote> {
			return transport.json<EditQuote>("/api/v1/edits/quotes", { method: "POST", json: request, signal });
		},
	};
}
