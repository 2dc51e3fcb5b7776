import { GlassworksApiError } from "@glassworks/sdk";
import { type BatchDraft, promptLines } from "./batchDraft.ts";
import type { CsvFile } from "./csvFile.ts";
import { fieldLabel } from "./fields.ts";

/** One thing that is wrong, where the user wrote it. */
export interface RefusedRow {
	where: string;
	field: string | null;
	message: string;
}

/** What of a refusal is about single items; empty: it is about the whole. */
export function refusedRows(error: unknown, draft: BatchDraft, file: CsvFile | null): RefusedRow[] {
	if (!(error instanceof GlassworksApiError)) return [];
	const lines = draft.source === "prompts" ? promptLines(draft.prompts) : [];
	return error.fields.flatMap(({ path: [kind, at, ...rest], message }) => {
		const field = rest.length > 0 ? fieldLabel(rest.join(".")) : null;
		if (kind === "rows" && typeof at === "number") return [{ where: `Row ${file?.rows[at - 2]?.row ?? at}`, field, message }];
		if (kind === "items" && typeof at === "number") return [{ where: `Line ${lines[at]?.line ?? at + 1}`, field, message }];
		if (kind === "matrix" && typeof at === "number") return [{ where: `Combination ${at + 1}`, field, message }];
		if (kind === "columns") return [{ where: `Column ${at}`, field, message }];
		return [];
	});
}

/** How many items a refusal is about. */
export const refusedCount = (error: unknown): number =>
	error instanceof GlassworksApiError && typeof error.data.refused_items === "number" ? error.data.refused_items : 0;
