import { expect, it } from "vitest";
import { drawPolygons } from "./drawPolygons.ts";

const drawn = (polygons: [number, number][][], widthPx = 8, heightPx = 6) => {
	const mask = drawPolygons(polygons, widthPx, heightPx);
	return Array.from({ length: heightPx }, (_, y) =>
		[...mask.subarray(y * widthPx, (y + 1) * widthPx)].map((value) => (value ? "#" : ".")).join(""),
	);
};

it("a rectangle covers exactly its pixels", () => {
	const box: [number, number][] = [
		[2, 1],
		[6, 1],
		[6, 4],
		[2, 4],
	];
	expect(drawn([box])).toEqual(["........", "..####..", "..####..", "..####..", "........", "........"]);
	expect(drawn([box.toReversed()])).toEqual(drawn([box]));
});

it("polygons that overlap add up, and one that crosses itself has a hole", () => {
	const left: [number, number][] = [
		[0, 0],
		[3, 0],
		[3, 6],
		[0, 6],
	];
	const wide: [number, number][] = [
		[1, 2],
		[8, 2],
		[8, 4],
		[1, 4],
	];
	expect(drawn([left, wide])[2]).toBe("########");
	const crossed: [number, number][] = [
		[0, 0],
		[8, 6],
		[8, 0],
		[0, 6],
	];
	expect(drawn([crossed])).toEqual(["#......#", "##....##", "###..###", "###..###", "##....##", "#......#"]);
});

it("what lies outside the picture is left out, and what is thinner than a pixel draws nothing", () => {
	const large: [number, number][] = [
		[-1e5, -1e5],
		[1e5, -1e5],
		[1e5, 3],
		[-1e5, 3],
	];
	expect(drawn([large])).toEqual(["########", "########", "########", "........", "........", "........"]);
	const point: [number, number][] = [
		[2, 2],
		[2, 2],
		[2, 2],
	];
	expect(drawn([point]).join("")).not.toContain("#");
});

it.each([5, 40, 999])("a scribble of %i corners is drawn by the even-odd rule, in picture or beyond", (corners) => {
	const [widthPx, heightPx] = [300, 40];
	const random = (at: number, most: number) => ((at * 2_654_435_761) % 4_294_967_296) % most;
	const scribble = Array.from({ length: corners }, (_, at): [number, number] => [random(at, 400) - 50, random(at + 7_000, 60) - 10]);
	const mask = drawPolygons([scribble], widthPx, heightPx);
	for (let at = 0; at < mask.length; at++) {
		const [x, y] = [(at % widthPx) + 0.5, Math.floor(at / widthPx) + 0.5];
		const left = scribble.filter(([toX, toY], side) => {
			const [fromX, fromY] = scribble.at(side - 1) ?? [0, 0];
			return fromY <= y !== toY <= y && fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX) <= x;
		});
		expect(mask[at], `${x},${y}`).toBe(left.length % 2);
	}
});
