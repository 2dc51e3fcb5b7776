import type { FastifyRequest } from "fastify";
import { type BatchOptionsBody, batchOptions, createBatch, csvQuery } from "../../contract/batch.ts";
import type { BatchOptions } from "../../domain/batches/createBatch.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../domain/json.ts";
import { findUnstorable } from "../readJson.ts";
import { sha256Hex } from "../sign.ts";
import { readCsvItems, type WrittenItems } from "./csvItems.ts";
import { expandItems, withDefaults } from "./expandItems.ts";
import { parseAs } from "./readItems.ts";

/** A batch as it was sent, in any of the ways. */
export interface SentBatch extends WrittenItems {
	options: Omit<BatchOptions, "webhook">;
	webhook: Pick<BatchOptionsBody, "webhook_url" | "webhook_events">;
	/** Its fields are texts of cells. */
	areTexts: boolean;
}

/**
 * Reads JSON, a CSV file with its options in the address, or a form with the fields `file` (CSV) and `options` (JSON).
 * @throws {GlassworksError} malformed_body, invalid_request, unsupported_media_type
 */
export async function readBatchBody(request: FastifyRequest): Promise<SentBatch> {
	if (request.isMultipart()) return readForm(request);
	if (request.body instanceof Uint8Array) {
		request.sentBody = { csv: sha256Hex(request.body), query: request.query as object };
		const { off_peak, webhook_per_item, ...query } = parseAs(csvQuery, request.query);
		const options = { ...query, off_peak: off_peak === "true", webhook_per_item: webhook_per_item === "true", metadata: {} };
		return { ...(await readCsvItems(request.body)), options: toOptions(options), webhook: query, areTexts: true };
	}
	if (request.body === undefined || request.body === null)
		throw new GlassworksError("malformed_body", "This route needs a JSON body or a CSV file.");
	const body = parseAs(createBatch, request.body);
	return { ...expandItems(body), options: toOptions(body), webhook: body, areTexts: false };
}

async function readForm(request: FastifyRequest): Promise<SentBatch> {
	let csv: Uint8Array | null = null;
	let sent: unknown = {};
	for await (const part of request.parts()) {
		if (part.type === "file" && part.fieldname === "file") csv = await part.toBuffer();
		else if (part.type === "file") part.file.resume();
		else if (part.fieldname === "options") sent = parseJson(String(part.value)) ?? null;
	}
	if (!csv) throw missing("file", "is required: the CSV, as a file");
	const refused = findUnstorable(sent);
	if (refused) throw refused;
	if (!isJsonObject(sent)) throw missing("options", "must be a JSON object");
	const { defaults = {}, ...rest } = sent;
	if (!isJsonObject(defaults)) throw missing("defaults", "must be an object");
	request.sentBody = { csv: sha256Hex(csv), options: sent };
	const options = parseAs(batchOptions, rest);
	const { items, pathOf } = await readCsvItems(csv);
	return {
		items: items.map((item) => withDefaults(defaults as JsonObject, item)),
		pathOf,
		options: toOptions(options),
		webhook: options,
		areTexts: true,
	};
}

function toOptions(body: BatchOptionsBody): SentBatch["options"] {
	return {
		name: body.name,
		budgetMicroUsd: body.budget_micro_usd ?? null,
		startAt: body.at === undefined ? null : new Date(body.at),
		offPeak: body.off_peak,
		webhookPerItem: body.webhook_per_item,
		metadata: body.metadata,
		mailTo: body.email_results_to ?? null,
		shuffleSeed: body.order === "shuffled" ? body.shuffle_seed : null,
	};
}

function missing(field: string, message: string): GlassworksError {
	return new GlassworksError("invalid_request", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}
