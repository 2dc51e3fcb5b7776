import type { Transport } from "../http/transport.ts";
import type { CreateGeneration, Quote } from "../types.ts";

export function quotes(transport: Transport) {
	return {
		/** The itemised price of a request and the steps that would be skipped; nothing is queued or charged. */
		create(request: CreateGeneration, { signal }: { signal?: AbortSignal } = {}): Promise<Quote> {
			return transport.json<Quote>("/api/v1/quotes", { method: "POST", json: request, signal });
		},
	};
}
