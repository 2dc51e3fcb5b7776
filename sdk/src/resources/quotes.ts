import type { Transport } from "../http/transport.ts";
import type { CreateGeneration, ForetoldQuote } from "../types.ts";

export function quotes(transport: Transport) {
	return {
		/** The itemised price of a request, the steps that would be skipped, place and ETA as of now; nothing is queued or charged. */
		create(request: CreateGeneration, { signal }: { signal?: AbortSignal } = {}): Promise<ForetoldQuote> {
			return transport.json<ForetoldQuote>("/api/v1/quotes", { method: "POST", json: request, signal });
		},
	};
}
