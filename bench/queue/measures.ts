import { setTimeout as delay } from "node:timers/promises";
import { inLanes, median, percentile, timeMs } from "../support/statistics.ts";
import type { Contender, Wire } from "./contender.ts";

/** One figure of one round. */
export type Figures = Record<string, number>;

export interface Measure {
	name: string;
	/** Tasks per second; otherwise milliseconds, of which less is better. */
	isRate: boolean;
	/** Null: this queue has no such thing. */
	run(contender: Contender): Promise<Figures | null>;
}

/** How much a round does. */
export interface Effort {
	submits: number;
	batches: number;
	claims: number;
	wakes: number;
	places: number;
}

/** The claims of all rounds together take at most a sixth of the queue. */
export function effortFor(size: number, rounds: number): Effort {
	const claims = Math.min(4_000, Math.floor(size / 12 / rounds));
	return { submits: 300, batches: 5, claims, wakes: 25, places: 200 };
}

/** Opens every connection and fills every cache; its figures are thrown away. */
export const warmUpEffort: Effort = { submits: 50, batches: 1, claims: 100, wakes: 2, places: 5 };

/** Tasks that one batched claim asks for. */
export const slotsPerBatch = 64;
const together = 100;

export function queueMeasures(effort: Effort, lanes: number, wires: readonly Wire[]): Measure[] {
	const submits = (width: number) => async (contender: Contender) =>
		latencies(await inLanes(effort.submits, width, () => timeMs(contender.submit)));
	return [
		{ name: "submit 1, one after another", isRate: false, run: submits(1) },
		{ name: `submit 1, ${lanes} at a time`, isRate: false, run: submits(lanes) },
		{
			name: `submit ${together}, one call`,
			isRate: false,
			run: async ({ submitTogether }) => typical(await inLanes(effort.batches, 1, () => timeMs(() => submitTogether(together)))),
		},
		{
			name: `submit ${together} jobs`,
			isRate: false,
			run: async ({ submitEach }) => typical(await inLanes(effort.batches, 1, () => timeMs(() => submitEach(together)))),
		},
		...wires.map(
			(wire): Measure => ({ name: `wake over ${wire}`, isRate: false, run: (contender) => wakeLatency(contender, wire, effort.wakes) }),
		),
		{
			name: "position of a waiting task",
			isRate: false,
			run: async ({ askPlace }) => {
				const samplesMs = askPlace ? await inLanes(effort.places, 1, () => timeMs(askPlace)) : [];
				return askPlace && { ...latencies(samplesMs), max: Math.max(...samplesMs) };
			},
		},
		{ name: "claim, one at a time", isRate: true, run: (contender) => claimRate(contender, effort.claims, 1) },
		{ name: `claim, ${slotsPerBatch} at a time`, isRate: true, run: (contender) => claimRate(contender, effort.claims, slotsPerBatch) },
	];
}

const latencies = (samplesMs: readonly number[]): Figures => ({ p50: percentile(samplesMs, 0.5), p99: percentile(samplesMs, 0.99) });
const typical = (samplesMs: readonly number[]): Figures => ({ p50: median(samplesMs) });

/**
 * Bursts in which every claimer takes ten tasks or two batches, as many as busy workers hold; what they took is ended between the bursts and
 * does not count. @throws {Error} when the queue runs dry: that would measure nothing
 */
async function claimRate({ name, claimers, endClaimed }: Contender, count: number, slots: number): Promise<Figures> {
	const calls = slots === 1 ? 10 : 2;
	let taken = 0;
	let ms = 0;
	while (taken < count) {
		ms += await timeMs(() =>
			inLanes(claimers.length, claimers.length, async (place) => {
				for (let call = 0; call < calls; call++) {
					const got = (await claimers[place]?.(slots)) ?? 0;
					if (got === 0) throw new Error(`${name}: nothing was left to claim`);
					taken += got;
				}
			}),
		);
		await endClaimed();
	}
	return { "per s": (taken / ms) * 1_000 };
}

/** From the call of submit until a claimer that waited has the task. */
async function wakeLatency(contender: Contender, wire: Wire, count: number): Promise<Figures | null> {
	const waker = await contender.openWaker(wire);
	if (!waker) return null;
	const samplesMs: number[] = [];
	try {
		for (let sample = 0; sample < count; sample++) {
			const arrivedAt = waker.claimed().then(() => performance.now());
			// Long enough to be waiting again; uneven, so that it does not fall in step with a poll.
			await delay(30 + Math.random() * 40);
			const submittedAt = performance.now();
			await waker.submit();
			samplesMs.push((await arrivedAt) - submittedAt);
		}
	} finally {
		await waker.close();
	}
	await contender.endClaimed();
	return latencies(samplesMs);
}
