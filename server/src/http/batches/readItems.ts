import { z } from "zod";
import { createGeneration } from "../../contract/generation.ts";
import { runWorkflow } from "../../contract/workflow.ts";
import { type RefusedItem, refuseItems } from "../../domain/batches/itemErrors.ts";
import { breathe } from "../../domain/batches/sharePorts.ts";
import type { ItemRequest } from "../../domain/batches/storedRequest.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asObject, type Json, type JsonObject } from "../../domain/json.ts";
import type { Principal } from "../../domain/plans/operatorConfig.ts";
import type { WorkflowRecord } from "../../domain/workflows/workflowStore.ts";
import { fieldErrors, summary } from "../fieldErrors.ts";
import type { HttpPorts } from "../ports.ts";
import { readGeneration } from "../readGeneration.ts";
import { readRun, underInputs } from "../readRun.ts";
import { requireWorkflow } from "../workflowRoutes.ts";
import type { WrittenItems } from "./csvItems.ts";
import { sharePictures } from "./sharePictures.ts";

const generationItem = createGeneration.omit({ run_after: true, webhook_url: true, webhook_events: true, email_results_to: true });
const runItem = runWorkflow
	.omit({ run_after: true, webhook_url: true, webhook_events: true, email_results_to: true })
	.extend({ workflow: z.string().max(100) });

/** So many are read before others have their turn. */
const slice = 50;

/**
 * Items in the domain's words; those of CSV have texts where inputs are numbers. @throws {GlassworksError} as a generation or a run of its own
 * would, naming every item that is wrong
 */
export async function readItems(
	ports: HttpPorts,
	principal: Principal,
	{ items, pathOf }: WrittenItems,
	areTexts: boolean,
): Promise<ItemRequest[]> {
	const shared = sharePictures(ports);
	const records = new Map<string, Promise<WorkflowRecord>>();
	const find = (slug: string, version: number | undefined) => {
		const key = JSON.stringify([slug, version]);
		const known = records.get(key) ?? requireWorkflow(ports, principal, slug, version);
		records.set(key, known);
		return known;
	};
	const read: ItemRequest[] = [];
	const refused: RefusedItem[] = [];
	for (const [index, fields] of items.entries()) {
		if (index % slice === slice - 1) await breathe();
		try {
			const request =
				fields.inputs === undefined ? readPlain(shared, principal, fields) : readOwn(shared, principal, { fields, find, areTexts });
			read.push(await request);
		} catch (error) {
			if (!(error instanceof GlassworksError)) throw error;
			refused.push({ index, error });
		}
	}
	if (refused.length > 0) throw refuseItems(refused, pathOf);
	return read;
}

function readPlain(ports: HttpPorts, { tenantId }: Principal, fields: JsonObject): Promise<ItemRequest> {
	return readGeneration(ports, tenantId, parseAs(generationItem, fields));
}

interface OwnItem {
	fields: JsonObject;
	find(slug: string, version: number | undefined): Promise<WorkflowRecord>;
	areTexts: boolean;
}

async function readOwn(ports: HttpPorts, { tenantId }: Principal, { fields, find, areTexts }: OwnItem): Promise<ItemRequest> {
	const { workflow, ...body } = parseAs(runItem, fields);
	const record = await find(workflow, body.version);
	if (record.workflow.takes === "edit") {
		const message = `${workflow} changes a picture's part, which POST /api/v1/edits does one by one; a batch draws or runs workflows`;
		throw new GlassworksError("invalid_request", `workflow: ${message}.`, {}, [{ path: ["workflow"], message }]);
	}
	const inputs = areTexts ? typeTexts(record, asObject(body.inputs)) : body.inputs;
	return underInputs(record, () => readRun(ports, tenantId, record, { ...body, inputs }));
}

/** Texts of cells as the types of the workflow's inputs; what does not fit stays and is refused by its name. */
function typeTexts({ workflow }: WorkflowRecord, values: JsonObject): JsonObject {
	return Object.fromEntries(
		Object.entries(values).map(([name, value]) => {
			const input = workflow.inputs.find((entry) => entry.name === name);
			return [name, typeof value === "string" && input ? typeText(input.type, value, input.options) : value];
		}),
	);
}

function typeText(type: string, text: string, options: readonly (string | number | boolean)[] | null): Json {
	const plain = text.trim();
	if (["integer", "number", "seed"].includes(type)) return Number.isFinite(Number(plain)) ? Number(plain) : text;
	if (type === "boolean") return /^(true|yes|1)$/i.test(plain) ? true : /^(false|no|0)$/i.test(plain) ? false : text;
	if (type === "picture") return /^https?:\/\//.test(plain) ? { url: plain } : { asset_id: plain };
	return options?.find((option) => String(option) === plain) ?? text;
}

/** @throws {GlassworksError} invalid_request */
export function parseAs<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const fields = fieldErrors(parsed.error.issues);
	throw new GlassworksError("invalid_request", summary(fields), {}, fields);
}
