import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyEvent, anyPredictedMs, anyTerms, type Event, pick } from "./histories.ts";
import { byTag, capabilityOf, LineModel, type Picture } from "./lineModel.ts";
import { type Cast, type Play, playOn } from "./playOn.ts";
import { anyWeight, encode, flux, largestShare, sdxl, sharesServed } from "./shares.ts";

const names = ["a", "b", "c"];
const cast: Cast = {
	tenants: names,
	workers: [[flux], [sdxl], [flux, sdxl, encode], [encode, flux]],
	stepsOf(_, kind, predictedMs) {
		const draws = { capability: kind % 2 === 0 ? flux : sdxl, predictedMs };
		return kind % 5 === 0 ? [draws, { capability: encode, predictedMs: 500 }] : [draws];
	},
};
const anyTenants = fc.array(anyTerms, { minLength: 3, maxLength: 3 });
type Weights = Parameters<typeof anyEvent>[0];
const everything: Weights = { submit: 10, release: 3, claim: 10, finish: 8, cancel: 3, toFront: 2, changePlan: 1 };
const anyHistory = (weights: Weights) => fc.array(anyEvent(weights), { maxLength: 80, size: "max" });

function open(terms: readonly { weight: number; cap: number | null }[]): Play {
	const line = new LineModel();
	names.forEach((name, index) => {
		line.addTenant(name, terms[index] ?? { weight: 1 });
	});
	return playOn(line, cast);
}

const untouched = (play: Play, tenant: string) => play.line.ready(tenant).filter((picture) => !picture.touched);
const picturesOf = (play: Play, jobId: string): Picture[] => play.line.pictures.filter((picture) => picture.jobId === jobId);

test("a tenant's pictures for one model start in the order in which they came in line, whatever happens but a move to the front", () => {
	const { toFront: _, ...withoutMoves } = everything;
	fc.assert(
		fc.property(anyTenants, anyHistory(withoutMoves), (terms, history) => {
			const play = open(terms);
			const cameAs = new Map<Picture, number>();
			for (const event of history) {
				const waiting = new Set(play.line.ready().filter((picture) => !picture.touched));
				const before = play.served.length;
				play.happen(event);
				for (const picture of play.line.pictures)
					if (picture.state !== "scheduled" && !cameAs.has(picture)) cameAs.set(picture, cameAs.size);
				const started = play.served.slice(before).filter((picture) => waiting.has(picture));
				for (const first of started)
					for (const other of waiting)
						if (other.tenant === first.tenant && capabilityOf(other) === capabilityOf(first) && !started.includes(other))
							expect(cameAs.get(first)).toBeLessThan(cameAs.get(other) ?? 0);
			}
		}),
		{ numRuns: 1_500 },
	);
});

test("nobody's tags but their own change when a tenant submits, cancels, changes plan or moves a job to the front", () => {
	fc.assert(
		fc.property(anyTenants, anyHistory(everything), (terms, history) => {
			const play = open(terms);
			for (const event of history) {
				const before = play.line.ready().map((picture) => ({ picture, tag: picture.tag }));
				play.happen(event);
				const moved = before.filter(({ picture, tag }) => picture.tag !== tag).map(({ picture }) => picture.tenant);
				expect(new Set(moved).size).toBeLessThanOrEqual(1);
				if (["claim", "finish", "submit", "release", "nothing"].includes(event.do)) expect(moved).toEqual([]);
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("a job moved to the front goes before its tenant's other untouched ones for the same model, and the tenant's last tags stay", () => {
	fc.assert(
		fc.property(anyTenants, anyHistory(everything), fc.nat(), (terms, history, number) => {
			const play = open(terms);
			for (const event of history) play.happen(event);
			const waiting = play.line.ready().filter((picture) => !picture.touched);
			const chosen = pick(waiting, number);
			if (!chosen) return;
			const lastTags = new Map(play.line.tenant(chosen.tenant).lastTags);
			const lineOf = (picture: Picture) => capabilityOf(picture);
			const rest = untouched(play, chosen.tenant).filter((picture) => picture.jobId !== chosen.jobId);
			const restOf = (line: string) => rest.filter((picture) => lineOf(picture) === line);
			const othersTags = () =>
				play.line
					.ready()
					.filter((picture) => picture.tenant !== chosen.tenant)
					.map((picture) => picture.tag);
			const others = othersTags();
			const lines = [flux, sdxl];
			const endTags = () => lines.map((line) => untouched(play, chosen.tenant).findLast((picture) => lineOf(picture) === line)?.tag);
			const [before, rests] = [endTags(), lines.map(restOf)];
			play.line.toFront(chosen.jobId);
			const after = untouched(play, chosen.tenant);
			for (const picture of after.filter(({ jobId }) => jobId === chosen.jobId))
				for (const other of restOf(lineOf(picture))) expect(picture.tag).toBeLessThanOrEqual(other.tag);
			lines.forEach((line, at) => {
				expect(after.filter((picture) => picture.jobId !== chosen.jobId && lineOf(picture) === line)).toEqual(rests[at]);
			});
			expect(endTags()).toEqual(before);
			expect(play.line.tenant(chosen.tenant).lastTags).toEqual(lastTags);
			expect(othersTags()).toEqual(others);
		}),
		{ numRuns: 1_500 },
	);
});

test("scheduled work is tagged when it is released, as if it were submitted then: waiting until then banks nothing", () => {
	fc.assert(
		fc.property(
			anyTenants,
			anyHistory({ submit: 10, claim: 10, finish: 8 }),
			fc.nat({ max: 80 }),
			anyPredictedMs,
			(terms, history, at, predictedMs) => {
				const [early, late] = [open(terms), open(terms)];
				const job = { tenant: "a", pictures: 3, steps: [{ capability: flux, predictedMs }] };
				history.forEach((event, index) => {
					if (index === at) early.line.submit({ ...job, jobId: "mine", later: true });
					early.happen(event);
					late.happen(event);
				});
				if (picturesOf(early, "mine").length === 0) early.line.submit({ ...job, jobId: "mine", later: true });
				early.line.release("mine");
				late.line.submit({ ...job, jobId: "mine" });
				expect(picturesOf(early, "mine").map((picture) => picture.tag)).toEqual(picturesOf(late, "mine").map((picture) => picture.tag));
				expect(early.line.tenant("a").lastTags).toEqual(late.line.tenant("a").lastTags);
			},
		),
		{ numRuns: 1_000 },
	);
});

test("after a change of plan shares follow the new weight from where the line stood: nothing is lost or gained before", () => {
	const anyLengths = fc.array(anyPredictedMs, { minLength: 25, maxLength: 40 });
	fc.assert(
		fc.property(
			anyWeight,
			anyWeight,
			anyWeight,
			anyLengths,
			anyLengths,
			fc.nat({ max: 30 }),
			(old, next, other, mineMs, othersMs, served) => {
				const play = open([
					{ weight: old, cap: null },
					{ weight: other, cap: null },
				]);
				const both = ["a", "b"];
				const step = () => play.happen({ do: "claim", worker: 0, atMost: 1 });
				const isBacklogged = () => both.every((name) => play.line.ready(name).length > 0);
				for (const [index, predictedMs] of mineMs.entries())
					play.line.submit({ jobId: `a ${index}`, tenant: "a", steps: [{ capability: flux, predictedMs }] });
				for (const [index, predictedMs] of othersMs.entries())
					play.line.submit({ jobId: `b ${index}`, tenant: "b", steps: [{ capability: flux, predictedMs }] });
				for (let round = 0; round < served && isBacklogged(); round++) step();
				if (!isBacklogged()) return;
				// A picture of the old weight may be what the two lines were apart; then one of each as ever.
				const apart = largestShare(play.line, "a");
				play.line.changePlan("a", { weight: next, cap: null });
				const bound = Math.max(apart, largestShare(play.line, "a")) + largestShare(play.line, "b");
				const start = play.served.length;
				const share = (tenant: string) => sharesServed({ ...play, served: play.served.slice(start) }, tenant);
				while (isBacklogged()) {
					step();
					expect(Math.abs(share("a") - share("b"))).toBeLessThanOrEqual(bound);
				}
			},
		),
		{ numRuns: 1_000 },
	);
});

describe("submitting and cancelling", () => {
	const anyOwn = fc.oneof(
		fc.record({
			own: fc.constant("keep" as const),
			kind: fc.nat({ max: 3 }),
			pictures: fc.integer({ min: 1, max: 3 }),
			predictedMs: anyPredictedMs,
		}),
		fc.record({
			own: fc.constant("regret" as const),
			kind: fc.nat({ max: 3 }),
			pictures: fc.integer({ min: 1, max: 3 }),
			predictedMs: anyPredictedMs,
		}),
		fc.record({ own: fc.constant("cancel" as const), job: fc.nat({ max: 100 }) }),
	);
	type Own = typeof anyOwn extends fc.Arbitrary<infer T> ? T : never;
	const isDone = (event: Event) => event.do !== "finish" || event.outcome === "done";
	const anyMix = fc.array(
		fc.oneof(
			{ weight: 2, arbitrary: anyOwn },
			{ weight: 3, arbitrary: anyEvent({ submit: 6, claim: 10, finish: 4, cancel: 1 }).filter(isDone) },
		),
		{ maxLength: 60, size: "max" },
	);

	/** Beside the abuser an honest twin submits, just before, what the abuser will keep. Each pair: the twin's picture and the abuser's. */
	function live(
		weight: number,
		history: readonly (Own | Event)[],
		models: readonly string[],
		check: (pairs: [Picture, Picture][]) => void,
		apart = false,
	): void {
		const play = open([
			{ weight: 1, cap: null },
			{ weight: 3, cap: null },
			{ weight: 0.05, cap: null },
		]);
		for (const name of ["twin", "abuser"]) play.line.addTenant(name, { weight });
		if (apart) play.line.workers = models.map((model) => ({ capabilities: [model] }));
		const kept: string[] = [];
		const regretted: string[] = [];
		for (const [index, event] of history.entries()) {
			if ("do" in event) play.happen(event);
			else if (event.own === "cancel") play.line.cancel(pick(regretted, event.job) ?? "");
			else {
				const { pictures, predictedMs, kind } = event;
				const steps = [{ capability: pick(models, kind) ?? flux, predictedMs }];
				if (event.own === "keep") play.line.submit({ jobId: `twin ${index}`, tenant: "twin", pictures, steps });
				play.line.submit({ jobId: `abuser ${index}`, tenant: "abuser", pictures, steps });
				if (event.own === "keep") kept.push(`${index}`);
				else regretted.push(`abuser ${index}`);
			}
			const ofTenant = (tenant: string) => kept.flatMap((job) => picturesOf(play, `${tenant} ${job}`));
			const abusers = ofTenant("abuser");
			check(ofTenant("twin").flatMap((picture, at) => (abusers[at] ? [[picture, abusers[at]]] : [])));
		}
	}

	const neverEarlier = (pairs: [Picture, Picture][]) => {
		for (const [twin, abuser] of pairs) {
			expect(byTag(twin, abuser)).toBeLessThan(0);
			if (abuser.touched) expect(twin.touched).toBe(true);
		}
	};

	test("never gets what is kept served before the same pictures of an honest twin who submitted only them", () => {
		fc.assert(
			fc.property(anyWeight, anyMix, (weight, history) => live(weight, history, [flux], neverEarlier)),
			{ numRuns: 1_500 },
		);
	});

	test("never does with two models either, whether the same workers run both or not", () => {
		const draw = (own: "keep" | "regret", kind: number, predictedMs = 1_000) => ({ own, kind, pictures: 1, predictedMs }) as const;
		const example: (Own | Event)[] = [
			...[draw("keep", 1), draw("regret", 1, 2_000), draw("regret", 0), { do: "claim", worker: 0, atMost: 1 } as const],
			...[draw("regret", 1), draw("keep", 0), { own: "cancel", job: 0 } as const],
		];
		fc.assert(
			fc.property(anyWeight, anyMix, fc.boolean(), (weight, history, apart) => live(weight, history, [flux, sdxl], neverEarlier, apart)),
			{ numRuns: 1_500, examples: [[1, example, true]] },
		);
	});
});
