import { round } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { judge } from "./goals.ts";
import { slotsPerBatch } from "./measures.ts";
import type { Measured } from "./rounds.ts";

/** What one size of the queue gave. */
export interface Turn {
	size: number;
	names: string[];
	loads: { name: string; tasks: number; seconds: number }[];
	measured: Measured[];
}

/** What the figures are and are not. */
export function explain(claimers: number, models: number, rounds: number): string[] {
	return [
		"",
		`Medians of ${rounds} rounds; in each, every measure is taken from all in turn. All run in this one process and carry the same body.`,
		"Ours is measured at its store: a submit also writes run, task, tag, ledger hold and event, a claim the lease and the job's events.",
		models === 1
			? "All tasks are for one model: our claims need not choose which model to load. --models 5 measures claims that must."
			: `Tasks are for ${models} models: each claim of ours also decides which to load, which the peers cannot.`,
		"The peers write their job, nothing more. pg-boss: a table of its own, LISTEN/NOTIFY for the wake. BullMQ: first in, first out, its",
		"fastest; and with priorities, the nearest it has to an order of ours.",
		`Claims are fetches by ${claimers} claimers, in bursts of 10 calls each (2 when batched); ending what they took is not measured.`,
		`${slotsPerBatch} at a time: one call of ours and of pg-boss brings ${slotsPerBatch}; BullMQ has no batched fetch outside its paid edition: ${slotsPerBatch} fetches go down the claimer's connection together.`,
		"Submit 100 jobs: ours are 100 accepted jobs, as many calls at a time as there are claimers; the peers' is their bulk insert.",
		"Wake: from the call of submit until a claimer that waited on an empty queue has the task; both ends with connections of their own.",
		"Position: neither peer can tell a job's place (BullMQ's getRanges would fetch every waiting id).",
		"Times in milliseconds. Behind each peer: how many times better ours is (over 1: ours is better).",
		"",
	];
}

export function printTurn({ size, names, loads, measured }: Turn): void {
	const [ours = "", ...peers] = names;
	console.log(`\n${size.toLocaleString("en-US")} tasks in line`);
	for (const { name, tasks, seconds } of loads)
		if (tasks < size) console.log(`${name}: only ${tasks.toLocaleString("en-US")}, all it took in ${seconds.toFixed(0)} s`);
	const header = ["", "", ours, ...peers.flatMap((peer) => [peer, "ours"])];
	printTable([header, ...measured.map((row) => lineOf(row, ours, peers))]);
	if (peers.length === 0) return;
	for (const { text, isMet } of judge(measured))
		console.log(`goal: ${text}: ${isMet === null ? "not measured" : isMet ? "met" : "MISSED"}`);
}

function lineOf({ measure, figure, isRate, medians }: Measured, ours: string, peers: readonly string[]): string[] {
	const own = medians.get(ours) ?? Number.NaN;
	const cells = peers.flatMap((peer) => {
		const theirs = medians.get(peer) ?? Number.NaN;
		const advantage = isRate ? own / theirs : theirs / own;
		return [round(theirs), Number.isNaN(advantage) ? "" : `x${round(advantage)}`];
	});
	return [measure, figure, round(own), ...cells];
}

/** For --json. */
export function plain(turn: Turn) {
	return {
		...turn,
		goals: judge(turn.measured),
		measured: turn.measured.map((row) => ({ ...row, medians: Object.fromEntries(row.medians) })),
	};
}
