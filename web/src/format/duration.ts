/** A time a person can plan with: "4 s", "3 min", "2 h". */
export function duration(ms: number): string {
	const [amount, unit] = inUnit(ms, ms);
	return `${amount} ${unit}`;
}

/** Two bounds in one unit: "7 to 9 min"; one figure when they read the same. */
export function durationRange(fromMs: number, toMs: number): string {
	const [to, unit] = inUnit(toMs, toMs);
	const [from] = inUnit(fromMs, toMs);
	return from === to ? `about ${to} ${unit}` : `${from} to ${to} ${unit}`;
}

/** How long a finished step took, to a tenth of a second while that matters. */
export function took(ms: number): string {
	return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}

/** `ms` in the unit that suits `scaleMs`, rounded up: a wait is never promised shorter than it is. */
function inUnit(ms: number, scaleMs: number): [number, string] {
	if (scaleMs < 90_000) return [Math.max(1, Math.ceil(ms / 1_000)), "s"];
	if (scaleMs < 90 * 60_000) return [Math.max(1, Math.ceil(ms / 60_000)), "min"];
	return [Math.max(1, Math.ceil(ms / 3_600_000)), "h"];
}
