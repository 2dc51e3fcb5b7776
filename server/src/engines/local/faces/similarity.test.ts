import fc from "fast-check";
import { expect, test } from "vitest";
import { apply, fitSimilarity, invert, type Point } from "./similarity.ts";

const spots: Point[] = [
	{ x: 10, y: 20 },
	{ x: 50, y: 22 },
	{ x: 31, y: 40 },
	{ x: 30, y: 62 },
];
const anySimilarity = fc
	.record({
		angle: fc.double({ min: -3.1, max: 3.1, noNaN: true }),
		scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
		tx: fc.integer({ min: -999, max: 999 }),
		ty: fc.integer({ min: -999, max: 999 }),
	})
	.map(({ angle, scale, tx, ty }) => ({ a: scale * Math.cos(angle), b: scale * Math.sin(angle), tx, ty }));

test("any turn, size and place of the same points is recovered", () => {
	fc.assert(
		fc.property(anySimilarity, (map) => {
			const found = fitSimilarity(
				spots,
				spots.map((spot) => apply(map, spot)),
			);
			for (const key of ["a", "b", "tx", "ty"] as const) expect(found?.[key]).toBeCloseTo(map[key], 5);
		}),
	);
});

test("there and back is where it was", () => {
	fc.assert(
		fc.property(anySimilarity, (map) => {
			for (const spot of spots) {
				const back = apply(invert(map), apply(map, spot));
				expect(Math.hypot(back.x - spot.x, back.y - spot.y)).toBeLessThan(1e-6);
			}
		}),
	);
});

test("with one point astray the fit is still the best: no small change of it comes closer", () => {
	const targets = spots.map((spot, index) => ({ x: spot.x * 2 + (index === 2 ? 9 : 0), y: spot.y * 2 }));
	const fit = fitSimilarity(spots, targets) ?? { a: 0, b: 0, tx: 0, ty: 0 };
	const error = (map: typeof fit) =>
		spots.reduce(
			(sum, spot, i) => sum + Math.hypot(apply(map, spot).x - (targets[i]?.x ?? 0), apply(map, spot).y - (targets[i]?.y ?? 0)) ** 2,
			0,
		);
	for (const key of ["a", "b", "tx", "ty"] as const)
		for (const step of [-0.01, 0.01]) expect(error({ ...fit, [key]: fit[key] + step })).toBeGreaterThan(error(fit));
});

test("points that all lie on one spot, or are beyond all numbers, fit nothing", () => {
	expect(
		fitSimilarity(
			[spots[0], spots[0]].flatMap((spot) => spot ?? []),
			spots.slice(0, 2),
		),
	).toBeNull();
	expect(
		fitSimilarity(
			spots.map((spot) => ({ x: spot.x * 1e300, y: spot.y * 1e300 })),
			spots,
		),
	).toBeNull();
});
