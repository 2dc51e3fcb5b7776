import { useId, useState } from "react";
import { count } from "../../format/count.ts";
import { Button } from "../../ui/Button.tsx";
import { FileDrop } from "../../ui/FileDrop.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { type CsvFile, guessMapping, readCsv } from "./csvFile.ts";
import { fields } from "./fields.ts";

interface Props {
	file: CsvFile | null;
	mapping: readonly string[];
	onFile(file: CsvFile | null, mapping: readonly string[]): void;
	onMapping(mapping: readonly string[]): void;
}

const maxBytes = 16 * 1_048_576;

export function CsvSource({ file, mapping, onFile, onMapping }: Props) {
	const [problem, setProblem] = useState<string | null>(null);
	const read = async (picked: File) => {
		setProblem(null);
		try {
			if (picked.size > maxBytes) throw new Error("The file is larger than the 16 MB that a batch may have.");
			const next = await readCsv(picked.name, await picked.text());
			onFile(next, guessMapping(next.header));
		} catch (error) {
			setProblem(error instanceof Error ? error.message : "The file cannot be read.");
		}
	};
	if (!file)
		return (
			<>
				{problem && <Notice title={problem}>Save it as CSV UTF-8, with a first row that names the columns.</Notice>}
				<FileDrop label="Drop a CSV file, or choose one" accept=".csv,.tsv,.txt,text/csv" onFile={(picked) => void read(picked)}>
					Its first row names the columns: prompt, and whatever else differs, such as seed or model. Commas, semicolons or tabs.
				</FileDrop>
			</>
		);
	return (
		<div className="grid gap-3">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<p className="min-w-0 truncate text-sm">
					<span className="font-medium">{file.name}</span>
					<span className="text-ink-soft">, {count(file.rows.length, "row")}</span>
				</p>
				<Button onClick={() => onFile(null, [])}>Another file</Button>
			</div>
			{!mapping.includes("prompt") && <Notice title="Choose the column that holds the prompt." />}
			<ColumnTable file={file} mapping={mapping} onMapping={onMapping} />
		</div>
	);
}

/** What becomes of each column, with its first rows beneath. */
function ColumnTable({ file, mapping, onMapping }: Pick<Props, "mapping" | "onMapping"> & { file: CsvFile }) {
	const id = useId();
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse too.
		<section aria-label="Columns of the file" tabIndex={0} className="overflow-x-auto rounded-xl border border-line bg-surface">
			<table className="w-full border-collapse text-left text-sm">
				<thead>
					<tr>
						{file.header.map((column, at) => (
							<th key={column} scope="col" className="min-w-44 p-3 align-top font-medium">
								<label htmlFor={`${id}-${at}`} className="mb-1.5 block truncate">
									{column}
								</label>
								<select
									id={`${id}-${at}`}
									value={mapping[at] ?? ""}
									onChange={(event) => onMapping(file.header.map((_, other) => mapped(mapping, other, at, event.target.value)))}
									className="field h-10 w-full px-2 font-normal"
								>
									<option value="">Leave out</option>
									{fields.map(({ name, label }) => (
										<option key={name} value={name}>
											{label}
										</option>
									))}
									<option value={ownName(column)}>Keep as a note</option>
								</select>
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{file.rows.slice(0, 4).map(({ cells, row }) => (
						<tr key={row} className="border-t border-line">
							{file.header.map((column, at) => (
								<td key={column} className={`max-w-72 truncate px-3 py-2 ${mapping[at] ? "" : "text-ink-faint"}`}>
									{cells[at]}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

/** A field belongs to one column: choosing it again takes it from the other. */
function mapped(mapping: readonly string[], other: number, changed: number, field: string): string {
	if (other === changed) return field;
	return mapping[other] === field ? "" : (mapping[other] ?? "");
}

/** A column that only its owner understands: the API returns it with the picture. */
const ownName = (column: string): string =>
	/^(inputs|metadata)\./.test(column) ? column : `metadata.${column.replaceAll(".", "_").slice(0, 64)}`;
