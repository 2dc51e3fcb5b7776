import { slotsPerBatch } from "./measures.ts";
import type { Measured } from "./rounds.ts";

const batched = `claim, ${slotsPerBatch}`;

interface Goal {
	text: string;
	/** Null: what it compares was not measured. */
	isMet: boolean | null;
}

/** The goals of the queue, as far as this run can tell; claims in all three ways of comparing them. */
export function judge(measured: readonly Measured[]): Goal[] {
	const figure = (measure: string, figure: string, name: string) =>
		measured.find((row) => row.measure.startsWith(measure) && row.figure === figure)?.medians.get(name) ?? Number.NaN;
	const ours = "Glassworks";
	const claims = [
		{ ways: "both one at a time", own: "claim, one", theirs: "claim, one" },
		{ ways: "both batched", own: batched, theirs: batched },
		{ ways: "ours batched, theirs one at a time", own: batched, theirs: "claim, one" },
	];
	const peers = [
		{ peer: "pg-boss", times: 2 },
		{ peer: "BullMQ", times: 1 },
		{ peer: "BullMQ with priorities", times: 1 },
	];
	return [
		...peers.flatMap(({ peer, times }) =>
			claims.map(({ ways, own, theirs }) =>
				goal(`claims per second >= ${times} x ${peer}, ${ways}`, figure(own, "per s", ours), times * figure(theirs, "per s", peer)),
			),
		),
		goal("submit p50 <= pg-boss", -figure("submit 1, one", "p50", ours), -figure("submit 1, one", "p50", "pg-boss")),
		goal("position p99 <= 5 ms", -figure("position", "p99", ours), -5),
	];
}

/** `value` should reach `atLeast`. */
function goal(text: string, value: number, atLeast: number): Goal {
	return { text, isMet: Number.isNaN(value) || Number.isNaN(atLeast) ? null : value >= atLeast };
}
