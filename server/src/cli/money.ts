/** US dollars, with as many decimals as it takes to be exact: $0.00, $0.12, $0.0375. */
export function formatMoney(microUsd: number): string {
	const [whole = "0", decimals = ""] = (Math.abs(microUsd) / 1_000_000).toFixed(6).split(".");
	return `${microUsd < 0 ? "-" : ""}$${whole}.${decimals.replace(/0{1,4}$/, "")}`;
}

/** Micro-dollars of an amount written as 12, 12.5 or $0.000001; null when it is not one. Read digit by digit: exact. */
export function parseMoney(text: string): number | null {
	const [, whole, decimals = ""] = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
	return whole === undefined ? null : Number(`${whole}${decimals.padEnd(6, "0")}`);
}
