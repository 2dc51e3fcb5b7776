import type { Batch, BatchItem, Json } from "@glassworks/sdk";

/** More are shown as a list. */
export const largestGrid = 400;

/** The fields that a matrix multiplied, as this page wrote them down; null: the batch is no such one, or too large to lay out. */
export function gridAxes({ metadata, items }: Batch): string[] | null {
	const axes = metadata.matrix?.split(",") ?? [];
	return axes.length >= 2 && items <= largestGrid ? axes : null;
}

export interface Grid {
	/** One for each combination of the fields beyond the first and the last; with one section it has no title. */
	sections: { title: string; rows: { name: string; cells: BatchItem[] }[] }[];
	columns: string[];
}

/** Items of a matrix as a table: the first field downwards, the last one across, those between as sections. */
export function gridOf(items: readonly BatchItem[], axes: readonly string[]): Grid {
	const [down = "", ...rest] = axes;
	const across = rest.pop() ?? "";
	const columns = [...new Set(items.map((item) => shown(item, across)))];
	const sections = new Map<string, Map<string, BatchItem[]>>();
	for (const item of items) {
		const title = rest.map((field) => `${field.replaceAll("_", " ")} ${shown(item, field)}`).join(", ");
		const rows = sections.get(title) ?? new Map<string, BatchItem[]>();
		sections.set(title, rows);
		const name = shown(item, down);
		rows.set(name, [...(rows.get(name) ?? []), item]);
	}
	return {
		columns,
		sections: [...sections].map(([title, rows]) => ({ title, rows: [...rows].map(([name, cells]) => ({ name, cells })) })),
	};
}

function shown({ request }: BatchItem, field: string): string {
	const value: Json | undefined = field.startsWith("inputs.") ? (request.inputs as Record<string, Json>)?.[field.slice(7)] : request[field];
	return typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
}
