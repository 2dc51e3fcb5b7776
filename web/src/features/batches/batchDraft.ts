import type { CreateBatch, JsonObject } from "@glassworks/sdk";
import { type Axis, axisValues } from "./axes.ts";
import { type CsvFile, mappedCsv } from "./csvFile.ts";

export interface BatchDraft {
	source: "prompts" | "csv" | "matrix";
	/** One a line. */
	prompts: string;
	axes: readonly Axis[];
	/** For every column of the CSV, the field it is; empty: left out. */
	mapping: readonly string[];
	name: string;
	model: string | null;
	negativePrompt: string;
	count: number;
	width: number | null;
	height: number | null;
	steps: number | null;
	upscale: boolean;
	restoreFaces: boolean;
	when: "now" | "off_peak" | "at";
	/** Wall clock of this browser, as its date field writes it. */
	at: string;
	/** Dollars. */
	budget: number | null;
	shuffled: boolean;
}

export const emptyBatch: BatchDraft = {
	source: "prompts",
	prompts: "",
	axes: [
		{ field: "prompt", values: "" },
		{ field: "seed", values: "1-4" },
	],
	mapping: [],
	name: "",
	model: null,
	negativePrompt: "",
	count: 1,
	width: null,
	height: null,
	steps: null,
	upscale: false,
	restoreFaces: true,
	when: "now",
	at: "",
	budget: null,
	shuffled: false,
};

/** What is sent: items as JSON, or the file with its columns renamed. */
export type BatchRequest = { items: CreateBatch } | { csv: string; options: Omit<CreateBatch, "items" | "matrix"> };

export const promptLines = (text: string): { prompt: string; line: number }[] =>
	text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [{ prompt: line.trim(), line: at + 1 }]));

/** Null while there is nothing to make. */
export function toRequest(draft: BatchDraft, file: CsvFile | null): BatchRequest | null {
	const options = { defaults: defaultsOf(draft), ...planOf(draft) };
	if (draft.source === "csv") return file && draft.mapping.includes("prompt") ? { csv: mappedCsv(file, draft.mapping), options } : null;
	if (draft.source === "prompts") {
		const items = promptLines(draft.prompts).map(({ prompt }) => prompt);
		return items.length > 0 ? { items: { ...options, items } } : null;
	}
	const matrix = Object.fromEntries(draft.axes.map((axis) => [axis.field, axisValues(axis)]));
	const isWhole = "prompt" in matrix && Object.values(matrix).every((values) => values.length > 0);
	return isWhole ? { items: { ...options, matrix, metadata: { matrix: draft.axes.map(({ field }) => field).join() } } } : null;
}

/** The same without what does not change the price, so that typing a name asks for no new one. */
export function forQuote(draft: BatchDraft, file: CsvFile | null): BatchRequest | null {
	const { name, when, at, budget, shuffled } = emptyBatch;
	return toRequest({ ...draft, name, when, at, budget, shuffled }, file);
}

function defaultsOf({ model, negativePrompt, count, width, height, steps, upscale, restoreFaces }: BatchDraft): JsonObject {
	return {
		...(model !== null && { model }),
		...(negativePrompt.trim() !== "" && { negative_prompt: negativePrompt.trim() }),
		...(count !== 1 && { count }),
		...(width !== null && { width }),
		...(height !== null && { height }),
		...(steps !== null && { steps }),
		...{ upscale, restore_faces: restoreFaces },
	};
}

function planOf({ name, when, at, budget, shuffled }: BatchDraft): Omit<CreateBatch, "items" | "matrix"> {
	const startsAt = when === "at" ? new Date(at) : null;
	return {
		...(name.trim() !== "" && { name: name.trim() }),
		...(when === "off_peak" && { off_peak: true }),
		...(startsAt && !Number.isNaN(startsAt.getTime()) && { at: startsAt.toISOString() }),
		...(budget !== null && { budget_micro_usd: Math.round(budget * 1_000_000) }),
		...(shuffled && { order: "shuffled" as const }),
	};
}

/** A draft of an earlier version of this page may have other types: then it is dropped. */
export function isBatchDraft(stored: unknown): stored is BatchDraft {
	if (typeof stored !== "object" || stored === null) return false;
	const fields = stored as Record<string, unknown>;
	const isText = (value: unknown) => typeof value === "string";
	const isNumberOrNull = (value: unknown) => value === null || typeof value === "number";
	return (
		["prompts", "csv", "matrix"].includes(String(fields.source)) &&
		["now", "off_peak", "at"].includes(String(fields.when)) &&
		[fields.prompts, fields.name, fields.negativePrompt, fields.at].every(isText) &&
		[fields.width, fields.height, fields.steps, fields.budget].every(isNumberOrNull) &&
		(fields.model === null || isText(fields.model)) &&
		typeof fields.count === "number" &&
		[fields.upscale, fields.restoreFaces, fields.shuffled].every((value) => typeof value === "boolean") &&
		Array.isArray(fields.mapping) &&
		fields.mapping.every(isText) &&
		Array.isArray(fields.axes) &&
		fields.axes.every((axis) => isText(axis?.field) && isText(axis?.values))
	);
}
