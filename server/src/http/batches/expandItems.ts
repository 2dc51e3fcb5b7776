import type { CreateBatchBody } from "../../contract/batch.ts";
import { maxBatchItems } from "../../domain/batches/batch.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asObject, isJsonObject, type JsonObject } from "../../domain/json.ts";
import { setField, type WrittenItems } from "./csvItems.ts";

/** The items that a body lists or multiplies, with the fields they have by default. @throws {GlassworksError} invalid_request */
export function expandItems({ items, matrix, defaults }: Pick<CreateBatchBody, "items" | "matrix" | "defaults">): WrittenItems {
	if ((items === undefined) === (matrix === undefined)) throw wrong(["items"], "give either items or matrix");
	if (matrix) return { items: multiply(matrix).map((fields) => withDefaults(defaults, fields)), pathOf: (index) => ["matrix", index] };
	if (!items || items.length === 0) throw wrong(["items"], "must have at least one item");
	if (items.length > maxBatchItems)
		throw wrong(["items"], `has ${items.length} items; a batch takes at most ${maxBatchItems}`, {
			max: maxBatchItems,
			asked: items.length,
		});
	return { items: items.map((item) => withDefaults(defaults, asFields(item, defaults))), pathOf: (index) => ["items", index] };
}

/** A text is the prompt, of a generation or of a workflow's run. */
function asFields(item: string | JsonObject, defaults: JsonObject): JsonObject {
	if (isJsonObject(item)) return item;
	return isJsonObject(defaults.inputs) ? { inputs: { prompt: item } } : { prompt: item };
}

/** Every combination, the last field changing fastest. Counted before any is made. */
function multiply(matrix: NonNullable<CreateBatchBody["matrix"]>): JsonObject[] {
	const axes = Object.entries(matrix);
	if (axes.length === 0) throw wrong(["matrix"], "must have at least one field");
	const count = axes.reduce((product, [, values]) => product * BigInt(values.length), 1n);
	if (count > BigInt(maxBatchItems))
		throw wrong(["matrix"], `multiplies to ${count} items; a batch takes at most ${maxBatchItems}`, {
			max: maxBatchItems,
			asked: String(count),
		});
	let rows: JsonObject[] = [{}];
	for (const [name, values] of axes)
		rows = rows.flatMap((row) =>
			values.map((value) => {
				const next = { ...row };
				setField(next, name, value);
				return next;
			}),
		);
	return rows;
}

/** What both have as objects of names is merged by name. */
export function withDefaults(defaults: JsonObject, item: JsonObject): JsonObject {
	const merged: JsonObject = { ...defaults, ...item };
	for (const group of ["inputs", "metadata"])
		if (isJsonObject(defaults[group]) && isJsonObject(item[group]))
			merged[group] = { ...asObject(defaults[group]), ...asObject(item[group]) };
	return merged;
}

function wrong(path: string[], message: string, data: JsonObject = {}): GlassworksError {
	return new GlassworksError("invalid_request", `${path.join(".")}: ${message}.`, data, [{ path, message }]);
}
