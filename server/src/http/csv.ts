/** Text that a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r\n]/;

/**
 * One row of a CSV file (RFC 4180). Text that begins like a formula gets an apostrophe in front, so that no spreadsheet runs what somebody
 * named a key; numbers stay numbers.
 */
export function csvRow(cells: readonly (string | number | null)[]): string {
	return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | null): string {
	if (value === null) return "";
	if (typeof value === "number") return String(value);
	const text = formula.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
