import type { Transport } from "../http/transport.ts";
import type { CreateGeneration, Job } from "../types.ts";

export interface CreateOptions {
	/** The same key and body never make a second job. Default: a random one, so that retries are safe. */
	idempotencyKey?: string;
	signal?: AbortSignal;
}

export function generations(transport: Transport) {
	return {
		/** Accepts a request and returns its job at once; `jobs.wait` waits for the pictures. @throws {GlassworksApiError} */
		create(request: CreateGeneration, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Job> {
			return transport.json<Job>("/api/v1/generations", {
				method: "POST",
				json: request,
				headers: { "idempotency-key": idempotencyKey },
				signal,
			});
		},
	};
}
