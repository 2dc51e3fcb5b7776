/** A share as people say it: never rounded up to 100 % when something is missing. Null: not measured. */
export function percent(share: number | null): string {
	if (share === null) return "–";
	const hundredths = Math.floor(share * 10_000) / 100;
	return `${Number.isInteger(hundredths) ? hundredths : hundredths.toFixed(2)} %`;
}
