import type { Model } from "@glassworks/sdk";

export interface Shape {
	name: string;
	width: number;
	height: number;
}

const ratios: [name: string, width: number, height: number][] = [
	["1:1", 1, 1],
	["4:3", 4, 3],
	["3:4", 3, 4],
	["16:9", 16, 9],
	["9:16", 9, 16],
];

/** The usual shapes with about as many pixels as the model's own square, in multiples of 8 and within its limits. */
export function shapesOf(model: Pick<Model, "default_side" | "min_side" | "max_side">, planMaxSide: number | null): Shape[] {
	const max = Math.min(model.max_side, planMaxSide ?? model.max_side);
	const side = Math.min(model.default_side, max);
	const onGrid = (value: number) =>
		Math.min(Math.floor(max / 8) * 8, Math.max(Math.ceil(model.min_side / 8) * 8, Math.round(value / 8) * 8));
	return ratios.map(([name, across, down]) => {
		const scale = Math.min(side / Math.sqrt(across * down), max / Math.max(across, down));
		return { name, width: onGrid(across * scale), height: onGrid(down * scale) };
	});
}
