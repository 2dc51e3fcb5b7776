import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualTime } from "../../src/domain/scheduling/fairQueue.ts";
import { anyEvent, anyPredictedMs, type Event } from "./histories.ts";
import { LineModel, type Picture } from "./lineModel.ts";
import { type Play, playOn } from "./playOn.ts";
import { anyRivals, excessOf, flux, largestShare, sdxl, shareOf, sharesServed, sum } from "./shares.ts";

const anyHistory = (event: fc.Arbitrary<Event>) => fc.array(event, { maxLength: 80, size: "max" });
const submits = (tenant: number, predictedMs: number, pictures = 1): Event => ({
	...{ do: "submit", tenant, pictures, kind: 0, predictedMs, later: false },
});
const claims = (atMost = 1): Event => ({ do: "claim", worker: 0, atMost });

describe("two tenants that stay backlogged and can use the same workers", () => {
	const arrivals = anyHistory(anyEvent({ submit: 10, claim: 10, finish: 4, cancel: 2 }));

	test("differ in share by at most one longest picture of each, over any interval and any arrivals, cancels and retries of others", () => {
		fc.assert(
			fc.property(anyRivals(false), arrivals, (cast, history) => {
				expect(excessOf(new LineModel(), cast, history)).toBeLessThanOrEqual(0);
			}),
			{ numRuns: 2_000 },
		);
	});

	test("would differ by more with the plain largest tag as clock, so the bound above is one a policy can miss", () => {
		const found = fc.check(
			fc.property(
				anyRivals(false),
				arrivals,
				(cast, history) => excessOf(new LineModel(({ servedInPool }) => servedInPool), cast, history) <= 0,
			),
			{ numRuns: 2_000, endOnFailure: true },
		);
		expect(found.failed).toBe(true);
	});

	test("differ by no more in the histories that once made V fall back: a retry with its old tag, and a parked picture that gets its place", () => {
		const cast = {
			weights: [3, 3] as [number, number],
			others: [
				{ weight: 12, cap: 3 },
				{ weight: 0.05, cap: null },
				{ weight: 1, cap: null },
			],
		};
		const again: Event[] = [
			...[
				submits(2, 10),
				claims(),
				submits(3, 100),
				submits(0, 3_000, 2),
				claims(2),
				{ do: "finish", running: 0, outcome: "retry" } as const,
			],
			...[submits(1, 3_000, 4), claims(), claims(2)],
		];
		const parked: Event[] = [
			...[submits(2, 1), submits(3, 94), submits(2, 1, 3), claims(2), claims(2), submits(1, 3_362)],
			...[{ do: "finish", running: 0, outcome: "done" } as const, submits(0, 3_000, 4), claims(), claims(3)],
		];
		for (const history of [parked, again]) expect(excessOf(new LineModel(), cast, history)).toBeLessThanOrEqual(0);
	});

	test("differ by at most one more picture, of whoever takes longest, when others also wait for running places, move to the front or change plan", () => {
		const everything = anyEvent({ submit: 10, claim: 10, finish: 6, cancel: 2, toFront: 2, changePlan: 2 });
		fc.assert(
			fc.property(anyRivals(true), anyHistory(everything), (cast, history) => {
				const line = new LineModel();
				expect(excessOf(line, cast, history)).toBeLessThanOrEqual(Math.max(0, ...line.pictures.map(shareOf)));
			}),
			{ numRuns: 2_000 },
		);
	});
});

/** Serves the line one picture at a time, as one worker that can run everything. */
function serve(play: Play, count = 1): Picture[] {
	const before = play.served.length;
	for (let left = count; left > 0; left--) {
		play.happen({ do: "claim", worker: 0, atMost: 1 });
		play.happen({ do: "finish", running: 0, outcome: "done" });
	}
	return play.served.slice(before);
}

function openLine(weights: Record<string, number>, clock?: typeof virtualTime): Play {
	const line = new LineModel(clock);
	for (const [tenant, weight] of Object.entries(weights)) line.addTenant(tenant, { weight });
	return playOn(line, {
		tenants: Object.keys(weights),
		workers: [[flux, sdxl]],
		stepsOf: (_, __, predictedMs) => [{ capability: flux, predictedMs }],
	});
}

/** Backlogs of pictures of any length, which last for the whole test. */
const anyBacklog = fc.array(anyPredictedMs, { minLength: 20, maxLength: 30 });
const longestMs = 12_000;

let jobs = 0;
function queue(play: Play, tenant: string, predictedMs: number, capability = flux, pictures = 1): string {
	const jobId = `own ${jobs++}`;
	play.line.submit({ jobId, tenant, pictures, steps: [{ capability, predictedMs }] });
	return jobId;
}
const picturesOf = (play: Play, jobId: string) => play.line.pictures.filter((picture) => picture.jobId === jobId);

describe("plans", () => {
	test("pro gets 3.0 times what starter gets while both are backlogged, and tenants of one plan get the same", () => {
		fc.assert(
			fc.property(anyBacklog, anyBacklog, (proMs, starterMs) => {
				const play = openLine({ pro: 3, pro2: 3, starter: 1, starter2: 1 });
				for (let round = 0; round < 4; round++)
					for (const tenant of play.line.tenants.keys())
						for (const predictedMs of tenant.startsWith("pro") ? [...proMs, ...proMs, ...proMs] : starterMs)
							queue(play, tenant, predictedMs);
				while ([...play.line.tenants.keys()].every((tenant) => play.line.ready(tenant).length > 0) && play.served.length < 400) serve(play);
				const workMs = (tenant: string, weight: number) => (sharesServed(play, tenant) * weight) / 1_000;
				// The bound allows a third of a pro picture and a starter picture, whatever was served: 4 pictures over the starter's service.
				const tolerance = (4 * longestMs) / workMs("starter", 1);
				expect(Math.abs(workMs("pro", 3) / workMs("starter", 1) - 3)).toBeLessThanOrEqual(tolerance);
				expect(Math.abs(workMs("pro", 3) - workMs("pro2", 3))).toBeLessThanOrEqual(2 * longestMs);
				expect(Math.abs(workMs("starter", 1) - workMs("starter2", 1))).toBeLessThanOrEqual(2 * longestMs);
			}),
			{ numRuns: 10 },
		);
	});

	test("pro's share over starter's is 3.0 to a hundredth after 400 starter pictures", () => {
		const play = openLine({ pro: 3, starter: 1 });
		queue(play, "starter", 1_000, flux, 500);
		queue(play, "pro", 1_000, flux, 1_500);
		const served = serve(play, 1_600).filter((picture) => picture.tenant === "pro").length;
		expect(served / (1_600 - served)).toBeCloseTo(3, 2);
	});

	test("a free newcomer waits behind what paid tenants get in 20 of its lengths, and behind no more: it never starves", () => {
		const paid = { starter: 1, pro: 3, enterprise: 12 };
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 300 }),
				fc.array(fc.integer({ min: 200, max: longestMs }), { minLength: 3, maxLength: 6 }),
				fc.nat({ max: 20 }),
				(freeMs, lengths, headStart) => {
					const play = openLine({ ...paid, free: 0.05 });
					const names = Object.keys(paid);
					// Paid tenants never run out: each of their pictures is followed by another when it is claimed.
					const refill = () => {
						for (const name of names)
							while (play.line.ready(name).length < 3) queue(play, name, lengths[play.served.length % lengths.length] ?? 1);
					};
					const step = () => {
						refill();
						serve(play);
					};
					for (let round = 0; round < headStart; round++) step();
					refill();
					const before = names.map((name) => sharesServed(play, name));
					queue(play, "free", freeMs);
					while (play.line.ready("free").length > 0) {
						step();
						const isServed = play.line.ready("free").length === 0;
						names.forEach((name, index) => {
							const share = sharesServed(play, name) - (before[index] ?? 0);
							const slack = largestShare(play.line, name);
							expect(share).toBeLessThanOrEqual(20_000 * freeMs + slack);
							if (isServed) expect(share).toBeGreaterThanOrEqual(20_000 * freeMs - slack);
						});
					}
				},
			),
			{ numRuns: 100 },
		);
	});
});

describe("workers that can run only some models", () => {
	/** An idle SDXL worker serves a free tenant while eight starters wait for Flux; a newcomer comes. Answers the Flux work served before it, in ms. */
	function waitBehindMs(clock: typeof virtualTime, { usedSdxl = false, fluxMs = 10_000, sdxlServed = 200, backlog = 40 } = {}): number {
		const starters = Array.from({ length: 8 }, (_, index) => `starter ${index}`);
		const play = openLine({ ...Object.fromEntries(starters.map((name) => [name, 1])), free: 0.05, pro: 3 }, clock);
		play.line.workers = [{ capabilities: [flux] }, { capabilities: [sdxl] }];
		const one = (capability: string) => play.line.claim([capability]).map((picture) => play.line.finish(picture, "done") ?? picture);
		for (const name of starters) queue(play, name, fluxMs, flux, backlog);
		for (let round = 0; round < sdxlServed; round++) {
			queue(play, "free", 3_000, sdxl);
			one(sdxl);
			if (round % 4 === 0) one(flux);
		}
		if (usedSdxl) queue(play, "pro", 3_000, sdxl);
		if (usedSdxl) one(sdxl);
		const newcomer = queue(play, "pro", fluxMs, flux);
		let waitedMs = 0;
		while (picturesOf(play, newcomer)[0]?.state === "ready")
			waitedMs += sum(one(flux).map((picture) => (picture.jobId === newcomer ? 0 : fluxMs)));
		return waitedMs;
	}
	/** Each starter may be served what its weight earns while the newcomer's picture takes a third of a length, and one picture more. */
	const boundMs = (fluxMs: number) => 8 * (fluxMs / 3 + fluxMs);

	test("an idle worker of another model does not put a newcomer behind everybody's backlog", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1_000, max: 12_000 }),
				fc.integer({ min: 1, max: 200 }),
				fc.integer({ min: 10, max: 60 }),
				(fluxMs, sdxlServed, backlog) => {
					expect(waitBehindMs(virtualTime, { fluxMs, sdxlServed, backlog })).toBeLessThanOrEqual(boundMs(fluxMs));
				},
			),
			{ numRuns: 100 },
		);
	});

	test("with the plain largest tag as clock the same newcomer waits behind all of it", () => {
		expect(waitBehindMs(({ servedInPool }) => servedInPool)).toBeGreaterThan(10 * boundMs(10_000));
	});

	test("nor does it when the newcomer used that other model once", () => {
		expect(waitBehindMs(virtualTime, { usedSdxl: true })).toBeLessThanOrEqual(boundMs(10_000));
	});
});
