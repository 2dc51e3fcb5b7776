import { Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import type { CreateGeneration } from "../../contract/generation.ts";
import { maxBatchItems } from "../../domain/batches/batch.ts";
import { type RefusedItem, refuseItems } from "../../domain/batches/itemErrors.ts";
import { type FieldError, GlassworksError } from "../../domain/errors.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import { isStorable } from "../readJson.ts";

/** Items read from text, and where each was written. */
export interface WrittenItems {
	items: JsonObject[];
	pathOf(index: number): FieldError["path"];
}

type Kind = "text" | "number" | "boolean" | "picture";

/** Fields of a generation that fit in a cell. Those that are lists have no place in one. */
const columns: Record<
	Exclude<
		keyof CreateGeneration,
		"controls" | "loras" | "hires_fix" | "run_after" | "metadata" | "webhook_url" | "webhook_events" | "email_results_to"
	>,
	Kind
> = {
	...{ prompt: "text", negative_prompt: "text", workflow: "text", model: "text", style: "text", sampler: "text", scheduler: "text" },
	...{ format: "text", face_restorer: "text", count: "number", width: "number", height: "number", seed: "number", steps: "number" },
	...{ guidance: "number", strength: "number", face_fidelity: "number", quality: "number", upscale: "boolean", restore_faces: "boolean" },
	...{ embed_recipe: "boolean", cache: "boolean", delete_after_s: "number", image: "picture", mask: "picture" },
};

/** Characters of one row. */
const maxRow = 65_536;
const maxColumns = 100;
const chunkBytes = 65_536;

/**
 * Items of a CSV file: the first row names the fields, of a generation or as `inputs.<name>` and `metadata.<name>`; an empty cell leaves its
 * field out. @throws {GlassworksError} malformed_body; invalid_request, naming rows as spreadsheets count them
 */
export async function readCsvItems(bytes: Uint8Array): Promise<WrittenItems> {
	const text = decode(bytes);
	const rows: JsonObject[] = [];
	const rowNumbers: number[] = [];
	const refused: RefusedItem[] = [];
	const pathOf = (index: number): FieldError["path"] => ["rows", rowNumbers[index] ?? 0];
	let header: string[] | null = null;
	for await (const { record, row } of readRecords(text)) {
		if (!header) {
			header = readHeader(record);
			continue;
		}
		if (rows.length === maxBatchItems)
			throw new GlassworksError("invalid_request", `The file has more rows than the ${maxBatchItems} that a batch takes.`, {
				max: maxBatchItems,
			});
		rowNumbers.push(row);
		const wrong: FieldError[] = [];
		rows.push(readRow(header, record, wrong));
		if (wrong.length > 0) refused.push({ index: rows.length - 1, error: refusal(wrong) });
	}
	if (refused.length > 0) throw refuseItems(refused, pathOf);
	if (rows.length === 0) throw new GlassworksError("invalid_request", "The file has no rows below its header.");
	return { items: rows, pathOf };
}

function decode(bytes: Uint8Array): string {
	try {
		// Drops the byte order mark that spreadsheets write.
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new GlassworksError("malformed_body", "The file is not UTF-8. Save it as CSV UTF-8.");
	}
}

/** Records with the row a spreadsheet would show them in. In pieces, so that others have their turn. */
async function* readRecords(text: string): AsyncGenerator<{ record: string[]; row: number }> {
	const pieces = function* () {
		for (let at = 0; at < text.length; at += chunkBytes) yield text.slice(at, at + chunkBytes);
	};
	const parser = Readable.from(pieces()).pipe(
		parse({ delimiter: delimiterOf(text), info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: maxRow }),
	);
	try {
		for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>)
			yield { record, row: info.records + info.empty_lines };
	} catch (error) {
		throw unreadable(error);
	}
}

/** Semicolons where spreadsheets of many countries write them: when the header has some and no comma. */
function delimiterOf(text: string): string {
	const end = text.search(/[\r\n]/);
	const first = text.slice(0, Math.min(end < 0 ? text.length : end, maxRow));
	return first.includes(";") && !first.includes(",") ? ";" : first.includes("\t") && !first.includes(",") ? "\t" : ",";
}

function unreadable(error: unknown): unknown {
	if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("CSV_")) return error;
	const { code, lines } = error as CsvError & { lines?: number };
	const where = lines === undefined ? "" : ` at line ${lines}`;
	const what: Record<string, string> = {
		CSV_MAX_RECORD_SIZE: `a row is longer than ${maxRow} characters`,
		CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
		CSV_INVALID_CLOSING_QUOTE: "there is text after a closing quote; a quote inside a quoted cell is written twice",
		INVALID_OPENING_QUOTE: "a quote stands inside a cell that is not quoted; quote the cell and write the quote twice",
	};
	return new GlassworksError(
		"malformed_body",
		`The file is not CSV: ${what[code] ?? what[code.replace("CSV_", "")] ?? "it cannot be read"}${where}.`,
	);
}

/** @throws {GlassworksError} invalid_request, naming every column that is wrong */
function readHeader(record: readonly string[]): string[] {
	const names = record.map((name) => name.trim());
	const wrong = names.flatMap((name, at): FieldError[] => {
		const path = ["columns", isStorable(name) ? name.slice(0, 100) : at];
		if (name === "") return [{ path: ["columns", at], message: `column ${at + 1} has no name` }];
		if (names.indexOf(name) !== at) return [{ path, message: "is there twice" }];
		return isColumn(name)
			? []
			: [{ path, message: `is no field; known are ${Object.keys(columns).join(", ")}, inputs.<name> and metadata.<name>` }];
	});
	if (names.length > maxColumns)
		throw new GlassworksError("invalid_request", `The file has ${names.length} columns; at most ${maxColumns} are read.`);
	if (wrong.length === 0) return names;
	const [first] = wrong;
	throw new GlassworksError("invalid_request", `columns: ${first?.path[1]} ${first?.message}.`, {}, wrong);
}

const isColumn = (name: string) => Object.hasOwn(columns, name) || /^(inputs|metadata)\.[^.]{1,64}$/.test(name);

function readRow(header: readonly string[], record: readonly string[], wrong: FieldError[]): JsonObject {
	if (record.length > header.length)
		wrong.push({ path: [], message: `has ${record.length} cells, the header ${header.length}; quote cells with commas in them` });
	const fields: JsonObject = {};
	for (const [at, name] of header.entries()) {
		const cell = record[at] ?? "";
		if (cell.trim() === "") continue;
		const value = isStorable(cell) ? readCell(cell, name) : { message: "must be text without NUL characters" };
		if ("message" in value) wrong.push({ path: name.split("."), message: value.message });
		else setField(fields, name, value.value);
	}
	return fields;
}

/** Cells of `inputs` stay text here: only the workflow knows their types. */
function readCell(cell: string, name: string): { value: Json } | { message: string } {
	const kind = Object.hasOwn(columns, name) ? columns[name as keyof typeof columns] : "text";
	const text = cell.trim();
	const shown = text.slice(0, 40);
	if (kind === "number") return Number.isFinite(Number(text)) ? { value: Number(text) } : { message: `must be a number; got "${shown}"` };
	if (kind === "picture") return { value: /^https?:\/\//.test(text) ? { url: text } : { asset_id: text } };
	if (kind === "text") return { value: cell };
	if (/^(true|yes|1)$/i.test(text)) return { value: true };
	return /^(false|no|0)$/i.test(text) ? { value: false } : { message: `must be true or false; got "${shown}"` };
}

/** `inputs.a` is the field a of inputs. */
export function setField(fields: JsonObject, name: string, value: Json): void {
	const [, group, key] = /^(inputs|metadata)\.(.+)$/.exec(name) ?? [];
	if (group === undefined || key === undefined) fields[name] = value;
	else fields[group] = { ...((fields[group] ?? {}) as JsonObject), [key]: value };
}

function refusal(wrong: FieldError[]): GlassworksError {
	const [first] = wrong;
	return new GlassworksError("invalid_request", `${first?.path.join(".") ?? ""} ${first?.message ?? ""}`.trim(), {}, wrong);
}
