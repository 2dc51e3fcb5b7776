import {
	type Calibration,
	calibrate,
	calibrationWindow,
	horizonOf,
	type Outcome,
} from "../../server/src/domain/scheduling/eta/calibration.ts";
import { type Forecast, forecast } from "../../server/src/domain/scheduling/eta/forecast.ts";
import type { SimulatedTask } from "../simulation/world.ts";

const REFRESH_MS = 30_000;

/** A forecast that was shown, at submit or later. */
export interface Shown {
	task: SimulatedTask;
	atMs: number;
	atSubmit: boolean;
	pointMs: number;
	forecast: Forecast;
}

/** Keeps what the server's table would keep, and calibrates as often as the server would. */
export class Forecaster {
	readonly shown: Shown[] = [];
	readonly #kept = new Map<string, Shown[]>();
	#calibration: Calibration = calibrate([]);
	#calibratedMs = Number.NEGATIVE_INFINITY;

	show(task: SimulatedTask, pointMs: number, atMs: number, atSubmit: boolean): Shown {
		if (atMs >= this.#calibratedMs + REFRESH_MS) this.#recalibrate(atMs);
		const shown = { task, atMs, atSubmit, pointMs, forecast: forecast(pointMs, task.tenant.plan, this.#calibration) };
		this.shown.push(shown);
		const key = `${task.tenant.plan} ${horizonOf(pointMs)}`;
		this.#kept.set(key, [...(this.#kept.get(key) ?? []), shown].slice(-calibrationWindow));
		return shown;
	}

	#recalibrate(nowMs: number): void {
		const outcomes = [...this.#kept.values()].flat().map((shown): Outcome => {
			const { task, atMs, pointMs, forecast: range } = shown;
			const actualMs = task.endedMs === null ? null : task.endedMs - atMs;
			return { plan: task.tenant.plan, pointMs, lowMs: range.p10Ms, highMs: range.p90Ms, ageMs: nowMs - atMs, actualMs };
		});
		this.#calibration = calibrate(outcomes);
		this.#calibratedMs = nowMs;
	}
}
