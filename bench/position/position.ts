// `node tools/node24.js bench/position/position.ts [--tasks 1000000] [--seconds 30]`: how fast, and how right, a waiting job's place is told
// while 100 submits a second arrive and 8 workers claim as many. Fails when a place on the still queue differs from a count.
import { parseArgs } from "node:util";
import { describeMachine } from "../support/machine.ts";
import { runOpenLoop } from "../support/openLoop.ts";
import { createDatabase, openServer } from "../support/servers.ts";
import { median, percentile, round } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { withCleanUp } from "../support/withCleanUp.ts";
import { startChurn } from "./churn.ts";
import { type Comparison, changesBetween, compare, difference, waitForRefresh } from "./compare.ts";
import { openSetting, type Setting, sampleWaiting } from "./setting.ts";

const { values: options } = parseArgs({
	options: { tasks: { type: "string", default: "1000000" }, seconds: { type: "string", default: "30" } },
});
const tasks = Number(options.tasks);
const seconds = Number(options.seconds);
const perSecond = { submits: 100, claims: 100, asks: 50 };
const goalMs = 5;
const maxUnderWay = 500;
const warmUpSeconds = 3;

/** Asks for random places in an open loop while the line changes at this pace (null: as fast as the workers can). */
async function measure(setting: Setting, name: string, claimsPerSecond: number | null, forSeconds: number): Promise<string[]> {
	const jobs = await sampleWaiting(setting, 500, Math.min(tasks / 2, 20_000));
	const churn = startChurn(setting, {
		submitsPerSecond: claimsPerSecond === 0 ? 0 : perSecond.submits,
		claimsPerSecond,
		seconds: forSeconds + warmUpSeconds,
	});
	const ask = async (index: number) => {
		const job = jobs[index % jobs.length];
		if (job) await setting.stores.jobs.waiting([job]);
	};
	// Every connection prepares its statements once; a running server has done so.
	await runOpenLoop({ perSecond: 10 * perSecond.asks, seconds: warmUpSeconds, maxUnderWay }, ask);
	const asks = await runOpenLoop({ perSecond: perSecond.asks, seconds: forSeconds, maxUnderWay }, ask);
	const { submits, claimsPerSecond: claimed } = await churn.stop();
	const at = (fraction: number) => round(percentile(asks.latenciesMs, fraction));
	const [reason] = [...asks.failures, ...submits.failures];
	if (reason) console.log(`${name}: ${asks.failures.length} asks and ${submits.failures.length} submits failed, the first by: ${reason}`);
	const p99Ms = percentile(asks.latenciesMs, 0.99);
	return [
		name,
		...[at(0.5), at(0.99), at(1), round(asks.perSecond), String(asks.skipped + asks.failures.length)],
		...[
			round(claimed),
			round(submits.perSecond),
			round(percentile(submits.latenciesMs, 0.99)),
			String(submits.skipped + submits.failures.length),
		],
		p99Ms <= goalMs ? "met" : "MISSED",
	];
}

async function compareUnderChurn(setting: Setting, forSeconds: number): Promise<void> {
	const jobs = await sampleWaiting(setting, 500, Math.min(tasks / 2, 20_000));
	const churn = startChurn(setting, { submitsPerSecond: perSecond.submits, claimsPerSecond: perSecond.claims, seconds: forSeconds });
	const made: Comparison[] = [];
	const until = performance.now() + forSeconds * 1_000;
	for (const job of jobs) {
		if (performance.now() > until) break;
		const comparison = await compare(setting, job);
		if (comparison) made.push(comparison);
	}
	await churn.stop();
	const differences = made.map(difference);
	const changed = made.map((comparison) => changesBetween(comparison, setting.changes));
	const beyond = made.filter((_, index) => (differences[index] ?? 0) > (changed[index] ?? 0)).length;
	console.log(`\n${made.length} places beside a count of the tasks before them, under the same churn:`);
	printTable([
		["", "median", "max"],
		["difference, places", ...summary(differences)],
		["tasks that changed between answer and count", ...summary(changed)],
		["age of the answer at the count, ms", ...summary(made.map(({ asOf, at }) => at - asOf))],
	]);
	console.log(`differed by more than had changed: ${beyond} (goal: 0: ${beyond === 0 ? "met" : "MISSED"})`);
	if (beyond > 0) process.exitCode = 1;
}

function keepHouse({ stores }: Setting): { first: Promise<void>; stop(): Promise<void> } {
	let stopped = false;
	const round = async () => {
		await stores.jobs.housekeep();
	};
	const first = round();
	const rest = first.then(async () => {
		while (!stopped) {
			await new Promise((resolve) => setTimeout(resolve, 1_000));
			if (!stopped) await round();
		}
	});
	return {
		first,
		async stop() {
			stopped = true;
			await rest;
		},
	};
}

const summary = (values: readonly number[]): string[] => [round(median(values)), round(Math.max(...values))];

async function compareStill(setting: Setting): Promise<void> {
	const jobs = await sampleWaiting(setting, 30, 0);
	const [first] = jobs;
	if (!first) throw new Error("nothing waits");
	const refreshMs = await waitForRefresh(setting, first);
	const made = (await Promise.all(jobs.map((job) => compare(setting, job)))).filter((comparison) => comparison !== null);
	const wrong = made.filter((comparison) => difference(comparison) > 0).length;
	console.log(`\nOn the still queue (refreshed ${refreshMs} ms after it stood): ${wrong} of ${made.length} places differ (goal: 0)`);
	if (wrong > 0 || made.length === 0) process.exitCode = 1;
}

await withCleanUp(async (later) => {
	const postgres = await openServer.postgres();
	later(postgres.close);
	const scratch = await createDatabase(postgres.url);
	later(scratch.drop);
	for (const line of await describeMachine({ postgresUrl: postgres.url, redisUrl: null })) console.log(line);
	const startedAt = performance.now();
	const setting = await openSetting(scratch.url, tasks);
	later(setting.database.close);
	// As a running server does, which also looks at the line for it.
	const chores = keepHouse(setting);
	later(chores.stop);
	await chores.first;
	console.log(`${tasks.toLocaleString("en-US")} tasks of 40 tenants in line after ${round((performance.now() - startedAt) / 1_000)} s`);
	console.log(
		"Milliseconds from the moment an ask or submit was due (open loop). The workers claim and finish; submits, claims, asks and the server's chores share one process.\n",
	);
	const header = ["", "p50", "p99", "max", "asks/s", "unanswered", "claims/s", "submits/s", "their p99", "unanswered", `p99 <= ${goalMs}`];
	const rows = [header];
	rows.push(await measure(setting, "nothing else happens", 0, seconds / 3));
	rows.push(await measure(setting, "submits and claims", perSecond.claims, seconds));
	rows.push(await measure(setting, "claims as fast as they go", null, seconds / 3));
	printTable(rows);
	await compareUnderChurn(setting, seconds / 2);
	await compareStill(setting);
});
