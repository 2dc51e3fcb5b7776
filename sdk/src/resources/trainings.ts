import { type FollowOptions, followTraining } from "../events/followJob.ts";
import { isEnded } from "../events/isEnded.ts";
import type { Transport } from "../http/transport.ts";
import type { CreateTraining, Deletion, ForetoldQuote, JobEvent, Training, TrainingPage } from "../types.ts";
import type { CreateOptions } from "./generations.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}

interface Page extends Signalled {
	/** Trainings per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}

export interface WaitForTrainingOptions extends Signalled {
	/** Called with every event; `progress` tells fraction and loss. */
	onEvent?(event: JobEvent): void;
}

const pathOf = (id: string, below = "") => `/api/v1/trainings/${encodeURIComponent(id)}${below}`;

export function trainings(transport: Transport) {
	const get = (id: string, { signal }: Signalled = {}): Promise<Training> => transport.json<Training>(pathOf(id), { signal });
	const list = ({ signal, ...query }: Page = {}): Promise<TrainingPage> => transport.json("/api/v1/trainings", { query, signal });
	const events = (id: string, options?: FollowOptions) => followTraining(transport, pathOf(id), options);
	return {
		/** Trains a LoRA from pictures and returns at once. @throws {GlassworksApiError} trainings_over_plan, lora_name_taken, unsupported_by_model */
		create(request: CreateTraining, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Training> {
			const headers = { "idempotency-key": idempotencyKey };
			return transport.json<Training>("/api/v1/trainings", { method: "POST", json: request, headers, signal });
		},
		/** Price, place and time before; nothing is queued or charged. */
		quote: (request: CreateTraining, { signal }: Signalled = {}): Promise<ForetoldQuote> =>
			transport.json<ForetoldQuote>("/api/v1/trainings/quotes", { method: "POST", json: request, signal }),
		get,
		/** One page, newest first. */
		list,
		/** Every training, newest first. */
		iterate: (options: Omit<Page, "before"> = {}): AsyncGenerator<Training, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** Stops it; nothing is charged. @throws {GlassworksApiError} job_not_cancellable */
		cancel: (id: string, { signal }: Signalled = {}): Promise<Training> =>
			transport.json<Training>(pathOf(id, "/cancel"), { method: "POST", signal }),
		/** Deletes one that has ended, with its LoRA. @throws {GlassworksApiError} job_not_ended */
		delete: (id: string, { signal }: Signalled = {}): Promise<Deletion> =>
			transport.json<Deletion>(pathOf(id), { method: "DELETE", signal }),
		/** Its events until it ends, surviving cut connections. */
		events,
		/** Resolves with the ended training, however it ended. */
		async wait(id: string, { onEvent, signal }: WaitForTrainingOptions = {}): Promise<Training> {
			const now = await get(id, { signal });
			if (isEnded(now.status)) return now;
			for await (const event of events(id, { signal })) onEvent?.(event);
			return get(id, { signal });
		},
		/** The LoRA, a safetensors file in kohya's layout, as a stream. @throws {GlassworksApiError} not_found: it has none, or not yet */
		async download(id: string, { signal }: Signalled = {}): Promise<ReadableStream<Uint8Array>> {
			const response = await transport.send(pathOf(id, "/file"), { signal });
			if (!response.body) throw new TypeError("The answer has no body.");
			return response.body;
		},
	};
}
