// `node tools/node24.js bench/eta.ts [--hours 8] [--seed N] [--json]`: are forecasts as good as they say? Simulated load with a shift
// of mix and speed in the middle; coverage of the 80 % range and median relative error, beside two ways others estimate.
import { parseArgs } from "node:util";
import { choosePlacement, PLACEMENT_DEFAULTS } from "../server/src/domain/scheduling/placement.ts";
import { type Replay, replay } from "./eta/replay.ts";
import { type Part, summarise } from "./eta/summary.ts";
import { median } from "./support/statistics.ts";

const GOAL = { leastCovered: 0.78, mostCovered: 0.82, errorOfHorde: 0.6 };

const { values: options } = parseArgs({
	options: { hours: { type: "string", default: "8" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const hours = Number(options.hours);
if (!(hours >= 4)) throw new RangeError("--hours: at least 4, as one hour after the start and one after the shift are set apart");
const seeds = options.seed ? [Number(options.seed)] : [1, 2, 3, 4];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function describeLoad({ outcome }: Replay): string {
	const ended = outcome.tasks.flatMap(({ claimedMs, startedMs, endedMs, submittedMs, tenant }) =>
		claimedMs === null || startedMs === null || endedMs === null
			? []
			: [{ plan: tenant.plan, runMs: endedMs - startedMs, loadMs: startedMs - claimedMs, waitMs: startedMs - submittedMs }],
	);
	const share = (ms: number[]): string => percent(ms.reduce((sum, each) => sum + each, 0) / (outcome.workers * outcome.durationMs));
	const waits = [...Map.groupBy(ended, ({ plan }) => plan)].map(([plan, own]) => {
		const rising = own.map(({ waitMs }) => waitMs / 1_000).sort((a, b) => a - b);
		return `${plan} ${rising[Math.floor(rising.length / 2)]?.toFixed(0)} / ${rising[Math.floor(rising.length * 0.95)]?.toFixed(0)} s`;
	});
	const busy = `running ${share(ended.map(({ runMs }) => runMs))} of the time, loading ${share(ended.map(({ loadMs }) => loadMs))}`;
	return `${outcome.tasks.length} tasks; ${busy}; waits p50 / p95: ${waits.join(", ")}`;
}

function formatPart(part: Part): string {
	const { ours, meanRate, horde } = part.error;
	const cells = [
		part.name.padEnd(17),
		String(part.forecasts).padStart(9),
		percent(part.covered).padStart(9),
		`${percent(part.early)} / ${percent(part.late)}`.padStart(16),
		part.width.toFixed(1).padStart(9),
		...[ours, meanRate, horde].map((error) => error.toFixed(3).padStart(9)),
		percent(1 - ours / horde).padStart(11),
	];
	const plans = Object.entries(part.coveredByPlan).map(([plan, share]) => `${plan} ${percent(share)}`);
	return `${cells.join(" ")}   ${plans.join(", ")}`;
}

const header = `${"part".padEnd(17)} forecasts   covered     early / late   p90/p10      ours mean-rate     Horde   less error   covered by plan`;

const results = seeds.map((seed) => {
	const replayed = replay({ hours, seed, policy: (state) => choosePlacement(state, PLACEMENT_DEFAULTS) });
	const parts = summarise(replayed);
	if (!options.json) console.log(`\nseed ${seed}: ${describeLoad(replayed)}\n${header}\n${parts.map(formatPart).join("\n")}`);
	return { seed, parts };
});

const settled = results.flatMap(({ parts }) => parts.filter(({ name }) => name === "before the shift" || name === "later"));
const verdict = {
	covered: settled.map(({ covered }) => covered),
	coverageReached: settled.every(({ covered }) => covered >= GOAL.leastCovered && covered <= GOAL.mostCovered),
	errorOfHorde: median(settled.map(({ error }) => error.ours / error.horde)),
	errorReached: settled.every(({ error }) => error.ours <= GOAL.errorOfHorde * error.horde),
};
if (options.json) console.log(JSON.stringify({ goal: GOAL, results, verdict }, null, "\t"));
else
	console.log(
		`\n80 % range covers 78-82 % after warm-up and after the shift, in every seed: ${verdict.coverageReached ? "yes" : "NO"}` +
			`\nmedian error at least 40 % below the Horde-style one, in every part: ${verdict.errorReached ? "yes" : "NO"} (median ${percent(1 - verdict.errorOfHorde)} below)`,
	);
