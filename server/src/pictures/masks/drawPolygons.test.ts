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
