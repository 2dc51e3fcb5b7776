/** Micro-dollars as dollars: at least cents, and more digits only where they are not zero. 0 is "free". */
export function money(microUsd: number): string {
	if (microUsd === 0) return "free";
	const digits = (Math.abs(microUsd) / 1_000_000).toFixed(6).replace(/0{1,4}$/, "");
	return `${microUsd < 0 ? "-" : ""}$${digits}`;
}
