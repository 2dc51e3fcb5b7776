import type { ReactNode } from "react";

export interface Column<Row> {
	head: string;
	cell(row: Row): ReactNode;
	/** Figures stand to the right, one under the other. */
	isFigure?: boolean;
}
interface Props<Row> {
	caption: string;
	columns: readonly Column<Row>[];
	rows: readonly Row[];
	rowKey(row: Row): string;
	empty: ReactNode;
}

/** Rows of facts. What is wider than the window is scrolled within itself; the first column names the row. */
export function DataTable<Row>({ caption, columns, rows, rowKey, empty }: Props<Row>) {
	if (rows.length === 0) return <p className="border-t border-line py-4 text-sm text-ink-soft">{empty}</p>;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
		<div tabIndex={0} className="relative min-w-0 overflow-x-auto border-y border-line">
			<table className="w-full border-collapse text-sm">
				<caption className="sr-only">{caption}</caption>
				<thead>
					<tr className="border-b border-line text-left text-[13px] text-ink-soft">
						{columns.map(({ head, isFigure }) => (
							<th key={head} scope="col" className={`py-2 pr-6 font-medium whitespace-nowrap last:pr-0 ${isFigure ? "text-right" : ""}`}>
								{head}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={rowKey(row)} className="border-b border-line last:border-0">
							{columns.map(({ head, cell, isFigure }, index) => {
								const Cell = index === 0 ? "th" : "td";
								return (
									<Cell
										key={head}
										{...(index === 0 && { scope: "row" })}
										className={`py-2.5 pr-6 text-left align-middle last:pr-0 ${index === 0 ? "font-medium" : ""} ${isFigure ? "text-right whitespace-nowrap tabular-nums" : ""}`}
									>
										{cell(row)}
									</Cell>
								);
							})}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
