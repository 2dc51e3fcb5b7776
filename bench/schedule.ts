// `node tools/node24.js bench/schedule.ts [--hours 4] [--seed 1] [--runs 3] [--json]`: what placing models deliberately is worth.
// A simulation of worker pools under the policy that the claim itself uses, beside simpler ones, all under the same load.
import { parseArgs } from "node:util";
import { compare, dominates, dominatorsOfOurs, oursOf, proWaitMs, type Row } from "./schedule/compare.ts";
import { SCENARIOS } from "./schedule/scenarios.ts";
import type { Quantiles } from "./simulation/measure.ts";
import { printTable } from "./support/table.ts";

const { values: options } = parseArgs({
	options: {
		hours: { type: "string", default: "4" },
		seed: { type: "string", default: "1" },
		runs: { type: "string", default: "3" },
		json: { type: "boolean", default: false },
	},
});
const seeds = Array.from({ length: Number(options.runs) }, (_, index) => Number(options.seed) + index);

const HEADER = [
	"policy",
	"busy",
	"swaps",
	"pro p50/p95",
	"starter p50/p95",
	"free p50/p95",
	"backlog: pro",
	"starter",
	"Jain",
	"pro:starter",
	"passed over",
];

const seconds = (ms: number): string => (ms / 1_000).toFixed(0);
const waits = (quantiles: Quantiles | undefined): string => (quantiles ? `${seconds(quantiles.p50Ms)}/${seconds(quantiles.p95Ms)}` : "-");

function formatRow({ policy, measures }: Row): string[] {
	const { arriving, backlogged } = measures;
	return [
		policy,
		measures.busy.toFixed(3),
		measures.swaps.toFixed(0),
		waits(arriving.pro),
		waits(arriving.starter),
		waits(arriving.free),
		backlogged.pro ? seconds(backlogged.pro.p50Ms) : "-",
		backlogged.starter ? seconds(backlogged.starter.p50Ms) : "-",
		measures.jain?.toFixed(4) ?? "-",
		measures.proToStarter?.toFixed(3) ?? "-",
		seconds(measures.longestPassOverMs),
	];
}

function describeDominator({ policy, measures }: Row): string {
	return `${policy} (pro:starter ${measures.proToStarter?.toFixed(2) ?? "-"})`;
}

/** The goals of the design, for its saturating load of 8 workers and 5 models. */
function judge(rows: readonly Row[]): Record<string, boolean> {
	const ours = oursOf(rows);
	const isBeaten = (policy: string): boolean => rows.some((row) => row.policy === policy && dominates(ours, row));
	return {
		"busy > .82 and pro's median wait < 55 s": ours.measures.busy > 0.82 && proWaitMs(ours) < 55_000,
		"dominates the allowances of 15 s and 60 s": isBeaten("allowance 15 s") && isBeaten("allowance 60 s"),
		"pro : starter = 3.00 +- 2 %": Math.abs((ours.measures.proToStarter ?? 0) - 3) <= 0.06,
	};
}

const results = SCENARIOS.map((scenario) => {
	const rows = compare(scenario, Number(options.hours), seeds);
	const dominators = dominatorsOfOurs(rows);
	if (!options.json) {
		console.log(`\n${scenario.name}: ${scenario.about}`);
		printTable([HEADER, ...rows.map(formatRow)]);
		console.log(`better than ours in both busy share and pro's median wait: ${dominators.map(describeDominator).join(", ") || "none"}`);
	}
	return { scenario: scenario.name, rows, dominators: dominators.map(({ policy }) => policy) };
});

const goals = judge(results[0]?.rows ?? []);
if (options.json) console.log(JSON.stringify({ hours: Number(options.hours), seeds, results, goals }, null, "\t"));
else {
	console.log(`\nWaits in seconds, submit to start, of tenants that come and go; "backlog": median of those always backlogged.`);
	for (const [goal, reached] of Object.entries(goals)) console.log(`${SCENARIOS[0]?.name}: ${goal}: ${reached ? "yes" : "NO"}`);
}
