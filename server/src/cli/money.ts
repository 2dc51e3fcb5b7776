/** US dollars, with as many decimals as it takes to be exact: $0.00, $0.12, $0.0375. */
export function formatMoney(microUsd: number): string {
	const [whole = "0", decimals = ""] = (Math.abs(microUsd) / 1_000_000).toFixed(6).split(".");
	return `${microUsd < 0 ? "-" : ""}$${whole}.${decimals.replace(/0{1,4}$/, "")}`;
}
