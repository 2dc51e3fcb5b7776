import { uniform } from "./noise.ts";

/** What a seed may change: a third of what training did (training/glyph/augment.py). Half of it made more pictures unlike the thing. */
const maxTurnRadians = (3 * Math.PI) / 180;
const minScale = 0.95;
/** Of the side. */
const maxShift = 0.015;

/** Numbers of the seed's sequence that the noise does not reach. */
const firstIndex = 1_000_000;

/**
 * The first guess of the picture, a little turned, smaller and moved, and mirrored for every second seed where `mayMirror`: the network
 * follows its guess closely, so this is what lets seeds differ. Planes of `sidePx` squared with values from -1 to 1; white (1) comes in
 * from outside.
 */
export function varyGuess(planes: Float32Array, sidePx: number, seed: number, mayMirror: boolean): Float32Array {
	const draw = (index: number, low: number, high: number) => low + (high - low) * uniform(seed, firstIndex + index);
	const turn = draw(0, -maxTurnRadians, maxTurnRadians);
	const scale = draw(1, minScale, 1);
	const [right, down] = [draw(2, -maxShift, maxShift), draw(3, -maxShift, maxShift)];
	const mirror = mayMirror && draw(4, 0, 1) < 0.5 ? -1 : 1;
	const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
	const middle = (sidePx - 1) / 2;
	const varied = new Float32Array(planes.length);
	for (let at = 0; at < planes.length; at++) {
		const x = (at % sidePx) - middle;
		const y = (Math.floor(at / sidePx) % sidePx) - middle;
		const fromX = mirror * cos * x - sin * y + right * sidePx + middle;
		const fromY = mirror * sin * x + cos * y + down * sidePx + middle;
		varied[at] = readBetween(planes, sidePx, Math.floor(at / sidePx ** 2) * sidePx ** 2, fromX, fromY);
	}
	return varied;
}

/** Of the plane that starts at `offset`: bilinear, white outside. */
function readBetween(planes: Float32Array, sidePx: number, offset: number, x: number, y: number): number {
	const [left, top] = [Math.floor(x), Math.floor(y)];
	const at = (column: number, row: number) =>
		column < 0 || row < 0 || column >= sidePx || row >= sidePx ? 1 : (planes[offset + row * sidePx + column] ?? 1);
	const [across, down] = [x - left, y - top];
	const above = at(left, top) * (1 - across) + at(left + 1, top) * across;
	const below = at(left, top + 1) * (1 - across) + at(left + 1, top + 1) * across;
	return above * (1 - down) + below * down;
}
