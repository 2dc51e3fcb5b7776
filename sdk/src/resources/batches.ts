import { type FollowOptions, followBatch } from "../events/followJob.ts";
import { sleep } from "../http/sleep.ts";
import type { Transport } from "../http/transport.ts";
import type { Batch, BatchEvent, BatchItem, BatchItemPage, BatchPage, BatchQuote, CreateBatch, ItemStatus, OffPeak } from "../types.ts";
import type { CreateOptions } from "./generations.ts";
import { iteratePages } from "./iteratePages.ts";

interface Signalled {
	signal?: AbortSignal;
}
export interface ListBatchesOptions extends Signalled {
	/** Batches per page, 1 to 100. Default: the server's, 20. */
	limit?: number;
	/** `next` of the page before. */
	before?: string;
}
export interface ListItemsOptions extends ListBatchesOptions {
	status?: ItemStatus;
}
export interface WaitForBatchOptions extends Signalled {
	/** Milliseconds between looks. Default: 2,000. */
	everyMs?: number;
	/** Called with every look. */
	onProgress?(batch: Batch): void;
}
type CsvOptions = Omit<CreateBatch, "items" | "matrix">;

const pathOf = (id: string, below = "") => `/api/v1/batches/${encodeURIComponent(id)}${below}`;

export function batches(transport: Transport) {
	const get = (id: string, { signal }: Signalled = {}): Promise<Batch> => transport.json<Batch>(pathOf(id), { signal });
	const list = ({ signal, ...query }: ListBatchesOptions = {}): Promise<BatchPage> =>
		transport.json<BatchPage>("/api/v1/batches", { query, signal });
	const items = (id: string, { signal, ...query }: ListItemsOptions = {}): Promise<BatchItemPage> =>
		transport.json<BatchItemPage>(pathOf(id, "/items"), { query, signal });

	return {
		/** Accepts up to 10,000 items as one. @throws {GlassworksApiError} naming every item that is wrong, up to 50 */
		create: (batch: CreateBatch, { idempotencyKey = crypto.randomUUID(), signal }: CreateOptions = {}): Promise<Batch> =>
			transport.json<Batch>("/api/v1/batches", { method: "POST", json: batch, headers: { "idempotency-key": idempotencyKey }, signal }),
		...fromCsv(transport),
		/** What it would cost; nothing is accepted or charged. */
		quote: (batch: CreateBatch, { signal }: Signalled = {}): Promise<BatchQuote> =>
			transport.json<BatchQuote>("/api/v1/batches/quotes", { method: "POST", json: batch, signal }),
		/** When batches with `off_peak` go on. @throws {GlassworksApiError} not_found where the server has no such times */
		offPeak: ({ signal }: Signalled = {}): Promise<OffPeak> => transport.json<OffPeak>("/api/v1/batches/off-peak", { signal }),
		get,
		/** One page, newest first. */
		list,
		/** Every batch, newest first, page by page as they are consumed. */
		iterate: (options: Omit<ListBatchesOptions, "before"> = {}): AsyncGenerator<Batch, void, undefined> =>
			iteratePages((before) => list({ ...options, before })),
		/** One page of its items, in the order they were sent. */
		items,
		/** Every item, page by page as they are consumed. */
		iterateItems: (id: string, options: Omit<ListItemsOptions, "before"> = {}): AsyncGenerator<BatchItem, void, undefined> =>
			iteratePages((before) => items(id, { limit: 100, ...options, before })),
		/** The batch's events until all of it has ended, surviving cut connections. */
		follow: (id: string, options: FollowOptions = {}): AsyncGenerator<BatchEvent, void, undefined> =>
			followBatch(transport, pathOf(id), options),
		/** Resolves once all of it has ended, or it is paused: a pause ends when you say so. */
		async wait(id: string, { everyMs = 2_000, onProgress, signal }: WaitForBatchOptions = {}): Promise<Batch> {
			for (;;) {
				const batch = await get(id, { signal });
				onProgress?.(batch);
				if (batch.finished_at !== null || batch.status === "paused") return batch;
				await sleep(everyMs, signal);
			}
		},
		...steering(transport),
		/** Makes failed items new jobs, charged as new. @throws {GlassworksApiError} batch_ended, insufficient_credit */
		retry: (
			id: string,
			request: { statuses?: ("failed" | "partial" | "cancelled")[] } = {},
			{ signal }: Signalled = {},
		): Promise<{ retried: number; batch: Batch }> => transport.json(pathOf(id, "/retry"), { method: "POST", json: request, signal }),
		/** The ZIP of all pictures that are there, as a stream. */
		async zip(id: string, { signal }: Signalled = {}): Promise<ReadableStream<Uint8Array>> {
			const response = await transport.send(pathOf(id, "/zip"), { headers: { accept: "application/zip" }, signal });
			if (!response.body) throw new TypeError("The answer has no body.");
			return response.body;
		},
	};
}

/** The same with a CSV file in place of items. */
function fromCsv(transport: Transport) {
	return {
		/** As `create`, with a CSV file whose first row names the fields. Not repeated by itself unless a key is given. */
		createFromCsv(csv: string | Blob, options: CsvOptions = {}, { idempotencyKey, signal }: CreateOptions = {}): Promise<Batch> {
			const once = idempotencyKey === undefined ? { maxRetries: 0 } : { headers: { "idempotency-key": idempotencyKey } };
			return transport.json<Batch>("/api/v1/batches", { method: "POST", body: csvForm(csv, options), signal, ...once });
		},
		/** As `quote`, for a CSV file. */
		quoteCsv: (csv: string | Blob, options: CsvOptions = {}, { signal }: Signalled = {}): Promise<BatchQuote> =>
			transport.json<BatchQuote>("/api/v1/batches/quotes", { method: "POST", body: csvForm(csv, options), signal }),
	};
}

function csvForm(csv: string | Blob, options: CsvOptions): FormData {
	const form = new FormData();
	form.set("options", JSON.stringify(options));
	form.set("file", new Blob([csv], { type: "text/csv" }), "items.csv");
	return form;
}

/** Holding a batch back, letting it go on, ending it. */
function steering(transport: Transport) {
	const steer = (id: string, verb: string, json?: object, { signal }: Signalled = {}): Promise<Batch> =>
		transport.json<Batch>(pathOf(id, `/${verb}`), { method: "POST", ...(json && { json }), signal });
	return {
		/** Lets no further item become a job. @throws {GlassworksApiError} batch_ended */
		pause: (id: string, options?: Signalled): Promise<Batch> => steer(id, "pause", undefined, options),
		/** Goes on, with another budget if one is given (null: none). @throws {GlassworksApiError} batch_ended, budget_too_low, insufficient_credit */
		resume: (id: string, change: { budget_micro_usd?: number | null } = {}, options?: Signalled): Promise<Batch> =>
			steer(id, "resume", change, options),
		/** Cancels what has not ended. @throws {GlassworksApiError} batch_ended */
		cancel: (id: string, options?: Signalled): Promise<Batch> => steer(id, "cancel", undefined, options),
	};
}
