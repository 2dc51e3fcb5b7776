/**
 * What one run of a step costs the operator, in micro-dollars: the time its worker spent on it at the pool's price per hour.
 * Rounds up. A worker that runs several steps at once counts each in full.
 */
export function costMicroUsd(ms: number, costMicroUsdPerHour: number): number {
	return Math.ceil((Math.max(0, ms) * costMicroUsdPerHour) / 3_600_000);
}
