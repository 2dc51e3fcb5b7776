import fc from "fast-check";
import { virtualCost } from "../../src/domain/scheduling/fairQueue.ts";
import { anyTerms, type Event, pick, type Terms } from "./histories.ts";
import { costMs, type LineModel, type ModelStep, type Picture } from "./lineModel.ts";
import { type Play, playOn } from "./playOn.ts";

export const flux = "generate:flux";
export const sdxl = "generate:sdxl";
export const encode = "encode:flux";
export const anyWeight = fc.constantFrom(0.05, 1, 3, 12);

/** Two tenants that only submit, for one model, and three that do whatever events say. */
export interface Rivals {
	weights: [first: number, second: number];
	others: Terms[];
}
export const rivals = ["first", "second"] as const;
const others = ["a", "b", "c"];

export const anyRivals = (isCapped: boolean): fc.Arbitrary<Rivals> =>
	fc.record({
		weights: fc.tuple(anyWeight, anyWeight),
		others: fc.array(isCapped ? anyTerms : anyTerms.map((terms) => ({ ...terms, cap: null })), { minLength: 3, maxLength: 3 }),
	});

/** What a picture takes of its tenant's share, in virtual microseconds. */
export const shareOf = (picture: Picture): number => virtualCost(costMs(picture), picture.weight);
/** Share a tenant was given so far. */
export const sharesServed = (play: Play, tenant: string): number =>
	sum(play.served.filter((picture) => picture.tenant === tenant).map(shareOf));
/** Largest share one picture of the tenant takes. */
export const largestShare = (line: LineModel, tenant: string): number =>
	Math.max(0, ...line.pictures.filter((picture) => picture.tenant === tenant).map(shareOf));
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * The largest amount by which two tenants' shares differed over any interval in which both had work to claim all along, less what the
 * policy promises. Service counts when it is claimed, so more workers change nothing. At most 0 is as promised.
 */
export function excessOf(line: LineModel, { weights, others: terms }: Rivals, history: readonly Event[]): number {
	rivals.forEach((name, index) => {
		line.addTenant(name, { weight: weights[index] ?? 1 });
	});
	others.forEach((name, index) => {
		line.addTenant(name, terms[index] ?? { weight: 1 });
	});
	const play = playOn(line, { tenants: [...rivals, ...others], workers: [[flux], [sdxl], [flux, sdxl, encode], [encode, flux]], stepsOf });
	let leads: number[] = [];
	let excess = Number.NEGATIVE_INFINITY;
	for (const event of history) {
		if (isOfRivals(play, event)) continue;
		play.happen(event);
		if (!rivals.every((name) => line.ready(name).some((picture) => picture.claimable))) leads = [];
		else {
			const lead = sharesServed(play, "first") - sharesServed(play, "second");
			leads.push(lead);
			const gap = Math.max(...leads.map((before) => Math.abs(lead - before)));
			excess = Math.max(excess, gap - largestShare(line, "first") - largestShare(line, "second"));
		}
	}
	return excess;
}

function stepsOf(tenant: string, kind: number, predictedMs: number): ModelStep[] {
	const draws = { capability: flux, predictedMs };
	if (isRival(tenant) || kind % 3 === 0) return [draws];
	return kind % 3 === 1 ? [{ capability: sdxl, predictedMs }] : [draws, { capability: encode, predictedMs: 500 }];
}

const isRival = (tenant: string): boolean => tenant === "first" || tenant === "second";

/** The two only submit, and their pictures end well: nothing else than the policy may part them. */
function isOfRivals(play: Play, event: Event): boolean {
	if (event.do === "finish") return event.outcome !== "done" && isRival(pick(play.running, event.running)?.tenant ?? "");
	if (event.do === "changePlan") return event.tenant % 5 < 2;
	if (event.do !== "cancel" && event.do !== "toFront" && event.do !== "release") return event.do === "submit" && event.later;
	const job = pick(play.jobs, event.job);
	return isRival(play.line.pictures.find((picture) => picture.jobId === job)?.tenant ?? "");
}
