import { describe, expect, it } from "vitest";
import { type LayoutItem, layOut, type Place, sceneSidePx } from "./layout.ts";
import type { Relation } from "./words.ts";

const thing: LayoutItem = { count: 1, size: 1, aspect: 1, airborne: false };
const seeds = Array.from({ length: 100 }, (_, seed) => seed);
const middle = ({ left, top, widthPx, heightPx }: Place) => ({ x: left + widthPx / 2, y: top + heightPx / 2 });
const bottom = ({ top, heightPx }: Place) => top + heightPx;

function pair(relation: Relation, seed: number, landscape: boolean): [Place, Place] {
	const places = layOut({ items: [thing, { ...thing, aspect: 0.7 }], relations: [relation], landscape, seed });
	const [first, second] = [0, 1].map((item) => places.find((place) => place.item === item));
	if (!first || !second || places.length !== 2) throw new Error("a thing has no place");
	return [first, second];
}

const holds: Record<Relation, (first: Place, second: Place) => boolean> = {
	beside: (first, second) => Math.abs(middle(first).x - middle(second).x) >= (first.widthPx + second.widthPx) / 2,
	left: (first, second) => first.left + first.widthPx <= second.left,
	right: (first, second) => second.left + second.widthPx <= first.left,
	on: (first, second) => Math.abs(bottom(first) - second.top) < 0.2 * second.heightPx && Math.abs(middle(first).x - middle(second).x) < 2,
	above: (first, second) => bottom(first) < second.top,
	below: (first, second) => bottom(second) < first.top,
	behind: (first, second) => bottom(first) < bottom(second) && first.top < second.top && bottom(first) > second.top,
	before: (first, second) => bottom(second) < bottom(first) && second.top < first.top && bottom(second) > first.top,
};

describe("things are laid out", () => {
	it.each(Object.keys(holds) as Relation[])("%s, for every seed, on the ground and without", (relation) => {
		for (const seed of seeds) {
			for (const landscape of [true, false]) {
				const [first, second] = pair(relation, seed, landscape);
				expect(holds[relation](first, second), `${relation} ${seed} ${landscape}`).toBe(true);
			}
		}
	});

	it("what is behind is drawn before what hides it", () => {
		expect(layOut({ items: [thing, thing], relations: ["behind"], landscape: true, seed: 1 }).map(({ item }) => item)).toEqual([0, 1]);
		expect(layOut({ items: [thing, thing], relations: ["before"], landscape: true, seed: 1 }).map(({ item }) => item)).toEqual([1, 0]);
	});

	it("as many as asked for, within the picture, none hidden by another", () => {
		for (const seed of seeds) {
			const items = [
				{ ...thing, count: 1 + (seed % 4) },
				{ ...thing, aspect: 0.5 + (seed % 7) / 4 },
				{ ...thing, size: 0.65 },
			];
			const relations: Relation[] = [seed % 2 ? "on" : "beside", "right"];
			const places = layOut({ items, relations, landscape: seed % 3 > 0, seed });
			expect(places.map(({ item }) => item).sort()).toEqual([...Array.from({ length: 1 + (seed % 4) }, () => 0), 1, 2]);
			for (const place of places) {
				expect(place.left).toBeGreaterThanOrEqual(0);
				expect(place.top).toBeGreaterThanOrEqual(0);
				expect(place.left + place.widthPx).toBeLessThanOrEqual(sceneSidePx);
				expect(bottom(place)).toBeLessThanOrEqual(sceneSidePx);
				expect(Math.min(place.widthPx, place.heightPx)).toBeGreaterThan(8);
				const near = places.filter(
					(other) => other !== place && Math.hypot(middle(place).x - middle(other).x, middle(place).y - middle(other).y) < 10,
				);
				expect(near).toEqual([]);
			}
		}
	});

	it("large things larger, and what flies in the air", () => {
		const [large, small] = layOut({
			items: [
				{ ...thing, size: 1.4 },
				{ ...thing, size: 0.65 },
			],
			relations: ["left"],
			landscape: true,
			seed: 3,
		});
		expect((large?.heightPx ?? 0) / (small?.heightPx ?? 1)).toBeCloseTo(1.4 / 0.65, 0);
		const [cloud, cow] = layOut({ items: [{ ...thing, airborne: true }, thing], relations: ["left"], landscape: true, seed: 3 });
		expect(bottom(cloud ?? missing)).toBeLessThan(bottom(cow ?? missing) - 30);
		expect([cloud?.grounded, cow?.grounded]).toEqual([false, true]);
	});

	it("differently by seed, and always the same for one", () => {
		const all = seeds.map((seed) => JSON.stringify(pair("beside", seed, true)));
		expect(new Set(all).size).toBeGreaterThan(90);
		expect(seeds.map((seed) => JSON.stringify(pair("beside", seed, true)))).toEqual(all);
		const firstIsLeft = seeds.filter((seed) => holds.left(...pair("beside", seed, true))).length;
		expect(firstIsLeft).toBeGreaterThan(25);
		expect(firstIsLeft).toBeLessThan(75);
	});
});

const missing: Place = { item: -1, left: 0, top: 0, widthPx: 0, heightPx: 0, grounded: false };
