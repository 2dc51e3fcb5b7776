import { median } from "../support/statistics.ts";
import type { Replay, Replayed } from "./replay.ts";

/** Figures of the forecasts made in one part of a replay. */
export interface Part {
	name: string;
	forecasts: number;
	/** Shares of forecasts that ended within, before and after the 80 % range. */
	covered: number;
	early: number;
	late: number;
	coveredByPlan: Record<string, number>;
	/** Median of |p50 - actual| / actual at submit. */
	error: { ours: number; meanRate: number; horde: number };
	/** Median of p90 / p10. */
	width: number;
}

const HOUR_MS = 3_600_000;
/** Forecasts of the last half hour are left out: many have no outcome yet. Of earlier ones none left is an outcome: late, or unknown. */
const UNKNOWN_MS = HOUR_MS / 2;

export function summarise({ forecasts, outcome }: Replay): Part[] {
	const middleMs = outcome.durationMs / 2;
	const parts: [string, number, number][] = [
		["warm-up, 1 h", 0, HOUR_MS],
		["before the shift", HOUR_MS, middleMs],
		["0-10 min after", middleMs, middleMs + HOUR_MS / 6],
		["10-60 min after", middleMs + HOUR_MS / 6, middleMs + HOUR_MS],
		["later", middleMs + HOUR_MS, outcome.durationMs - UNKNOWN_MS],
	];
	return parts.map(([name, fromMs, toMs]) => {
		const within = forecasts.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
		return summarisePart(
			name,
			within.filter((it) => it.actualMs !== null || it.atMs + it.forecast.p90Ms < outcome.durationMs),
		);
	});
}

function summarisePart(name: string, forecasts: readonly Replayed[]): Part {
	const plans = [...Map.groupBy(forecasts, ({ task }) => task.tenant.plan)];
	return {
		name,
		forecasts: forecasts.length,
		covered: shareOf(forecasts, isCovered),
		early: shareOf(forecasts, ({ actualMs, forecast }) => actualMs !== null && actualMs < forecast.p10Ms),
		late: shareOf(forecasts, ({ actualMs, forecast }) => actualMs === null || actualMs > forecast.p90Ms),
		coveredByPlan: Object.fromEntries(plans.map(([plan, own]) => [plan, shareOf(own, isCovered)])),
		error: {
			ours: medianError(forecasts, ({ forecast }) => forecast.p50Ms),
			meanRate: medianError(forecasts, ({ meanRateMs }) => meanRateMs),
			horde: medianError(forecasts, ({ hordeMs }) => hordeMs),
		},
		width: median(forecasts.map(({ forecast }) => forecast.p90Ms / Math.max(1, forecast.p10Ms))),
	};
}

const isCovered = ({ actualMs, forecast }: Replayed): boolean =>
	actualMs !== null && actualMs >= forecast.p10Ms && actualMs <= forecast.p90Ms;

const shareOf = (forecasts: readonly Replayed[], holds: (forecast: Replayed) => boolean): number =>
	forecasts.filter(holds).length / forecasts.length;

function medianError(forecasts: readonly Replayed[], predicted: (forecast: Replayed) => number | null): number {
	return median(
		forecasts.flatMap((it) => {
			const ms = predicted(it);
			return it.atSubmit && ms !== null && it.actualMs ? [Math.abs(ms - it.actualMs) / it.actualMs] : [];
		}),
	);
}
