/** Columns as wide as their widest cell; the first one to the left, the others to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
	const widths: number[] = [];
	for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
	for (const row of rows)
		console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "));
}
