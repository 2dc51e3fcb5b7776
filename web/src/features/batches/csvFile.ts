import { fields } from "./fields.ts";

export interface CsvFile {
	name: string;
	header: readonly string[];
	rows: readonly {
		cells: readonly string[];
		/** As spreadsheets count: the header is row 1. */
		row: number;
	}[];
}

/** The field a column most likely is, by its name; empty: none. */
export function guessField(column: string): string {
	const name = column
		.trim()
		.toLowerCase()
		.replaceAll(/[\s-]+/g, "_");
	const others: Record<string, string> = {
		...{ text: "prompt", prompts: "prompt", description: "prompt", caption: "prompt", negative: "negative_prompt", n: "count" },
		...{ pictures: "count", images: "count", cfg: "guidance", cfg_scale: "guidance", guidance_scale: "guidance", scale: "guidance" },
		...{ sampling_steps: "steps", num_inference_steps: "steps", w: "width", h: "height", init_image: "image", image_url: "image" },
	};
	const field = others[name] ?? name;
	return fields.some((known) => known.name === field) || /^(inputs|metadata)\.[^.]{1,64}$/.test(field) ? field : "";
}

/** The fields for all columns, each at most once. */
export function guessMapping(header: readonly string[]): string[] {
	const taken = new Set<string>();
	return header.map((column) => {
		const field = guessField(column);
		if (field === "" || taken.has(field)) return "";
		taken.add(field);
		return field;
	});
}

/** The file with its chosen columns under the fields' names. */
export function mappedCsv({ header, rows }: CsvFile, mapping: readonly string[]): string {
	const kept = header.flatMap((_, at) => (mapping[at] ? [at] : []));
	const line = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
	return [line(kept.map((at) => mapping[at] ?? "")), ...rows.map(({ cells }) => line(kept.map((at) => cells[at] ?? "")))].join("\n");
}

/** As the server reads them. @throws {Error} in words, when the text is no CSV */
export async function readCsv(name: string, text: string): Promise<CsvFile> {
	const { parse } = await import("csv-parse/browser/esm/sync");
	const end = text.search(/[\r\n]/);
	const first = end < 0 ? text : text.slice(0, end);
	const delimiter = first.includes(",") ? "," : first.includes(";") ? ";" : first.includes("\t") ? "\t" : ",";
	const records = parse(text.replace(/^\uFEFF/, ""), {
		...{ delimiter, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 65_536 },
	}) as unknown as { record: string[]; info: { records: number; empty_lines: number } }[];
	const [head, ...rest] = records.map(({ record, info }) => ({ cells: record, row: info.records + info.empty_lines }));
	if (!head || rest.length === 0) throw new Error("The file has no rows below its header.");
	const width = Math.max(head.cells.length, ...rest.slice(0, 1_000).map(({ cells }) => cells.length));
	const header = Array.from({ length: width }, (_, at) => head.cells[at]?.trim() || `Column ${at + 1}`);
	return { name, header, rows: rest };
}
