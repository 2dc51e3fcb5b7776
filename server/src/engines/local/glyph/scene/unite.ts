import { GlassworksError } from "../../../../domain/errors.ts";
import type { OnnxRun } from "../../runtime/types.ts";
import { gaussianNoise } from "../noise.ts";
import type { Composition } from "./compose.ts";
import { sceneSidePx } from "./layout.ts";

/** More came out farther from the same scenes of real pictures (models/README.md). */
const steps = 1;
/** How far from the composition to what the network says: all the way, a judge finds a few things and numbers fewer. */
const trust = 0.7;
const pixelCount = sceneSidePx ** 2;
const side = [1, 3, sceneSidePx, sceneSidePx];

/** How far around a thing the network may change what is behind it: drawings are cut out to a pixel or two. */
const reachPx = 2;

/** The most that is hidden around each pixel. */
function around(covered: Float32Array): Float32Array {
	return covered.map((_, at) => {
		const [column, row] = [at % sceneSidePx, Math.floor(at / sceneSidePx)];
		let most = 0;
		for (let y = Math.max(0, row - reachPx); y <= Math.min(sceneSidePx - 1, row + reachPx); y++) {
			for (let x = Math.max(0, column - reachPx); x <= Math.min(sceneSidePx - 1, column + reachPx); x++) {
				most = Math.max(most, covered[y * sceneSidePx + x] ?? 0);
			}
		}
		return most;
	});
}

/** The composition as planes from -1 to 1, and behind them how much of the background is hidden. */
function known({ rgb, covered }: Composition): Float32Array {
	const planes = new Float32Array(4 * pixelCount);
	for (let at = 0; at < 3 * pixelCount; at++) planes[(at % 3) * pixelCount + Math.floor(at / 3)] = (rgb[at] ?? 0) / 127.5 - 1;
	planes.set(covered, 3 * pixelCount);
	return planes;
}

/**
 * The scene that a composition of drawings stands for, as planes from -1 to 1: sharper, and of one piece; where nothing is, the background
 * stays. Integrates a rectified flow as `sampleGlyph` does. The same seed gives the same values on the same kind of machine.
 * @throws {GlassworksError} `model_missing`
 */
export async function unite(run: OnnxRun, file: string, composition: Composition, seed: number): Promise<Float32Array> {
	const x = gaussianNoise(seed, 3 * pixelCount);
	const given = { data: known(composition), dims: [1, 4, sceneSidePx, sceneSidePx] };
	for (let step = 0; step < steps; step++) {
		const { x0 } = await run(file, { x: { data: x, dims: side }, t: { data: Float32Array.of(step / steps), dims: [1] }, known: given });
		if (x0?.data.length !== x.length || !x0.data.every(Number.isFinite)) {
			throw new GlassworksError("model_missing", "scene-unite.onnx is not the network it should be: run `glassworks models verify`.");
		}
		for (let at = 0; at < x.length; at++) {
			const estimate = Math.min(1, Math.max(-1, x0.data[at] ?? 0));
			x[at] = (x[at] ?? 0) + (estimate - (x[at] ?? 0)) / (steps - step);
		}
	}
	const share = around(composition.covered);
	return x.map((value, at) => {
		const before = given.data[at] ?? 0;
		return before + trust * (share[at % pixelCount] ?? 0) * (value - before);
	});
}
