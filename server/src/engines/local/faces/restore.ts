import { GlassworksError } from "../../../domain/errors.ts";
import type { Face } from "../../../domain/workflows/stepParams.ts";
import type { OnnxInput, OnnxRun, RawImage } from "../runtime/types.ts";
import { alignedPx, alignFace, alignment } from "./align.ts";
import { pasteFace } from "./paste.ts";

export interface RestoreOptions {
	/** Absolute path of the restoring network: [1, 3, 512, 512] RGB in -1..1 in (named `face`) and out. */
	weightsFile: string;
	/** Whether the network weighs fidelity itself (CodeFormer: a second input, `fidelity`, [1]). If not, its face is mixed with the picture. */
	takesFidelity: boolean;
	signal: AbortSignal;
	/** 0 to 1, after each face. */
	onProgress(fraction: number): void;
}

/**
 * The picture with every face restored. `fidelity` 0 shows the network's face alone; 1 shows the picture as it was, or what a
 * network that takes fidelity draws closest to it. Pixels outside the faces' squares keep their bytes; landmarks that cannot be
 * a face are passed over.
 * @throws {GlassworksError} cancelled between two faces; model_missing when the network is absent or gives no picture
 */
export async function restoreFaces(
	run: OnnxRun,
	image: RawImage,
	faces: readonly Face[],
	fidelity: number,
	options: RestoreOptions,
): Promise<RawImage> {
	const restored = { widthPx: image.widthPx, heightPx: image.heightPx, rgb: image.rgb.slice() };
	const strength = options.takesFidelity ? 1 : 1 - fidelity;
	const network = { run, file: options.weightsFile, fidelity: options.takesFidelity ? fidelity : null };
	for (const [index, face] of faces.entries()) {
		if (options.signal.aborted) throw new GlassworksError("cancelled", "Stopped between two faces.");
		const toAligned = strength > 0 ? alignment(face, image) : null;
		if (toAligned !== null) {
			const output = await runNetwork(network, alignFace(restored, toAligned));
			pasteFace(restored, output, toAligned, strength);
		}
		options.onProgress((index + 1) / faces.length);
	}
	return restored;
}

interface Network {
	run: OnnxRun;
	file: string;
	/** Null: not an input of this network. */
	fidelity: number | null;
}

/** Interleaved 0..255 in and out; the network itself takes planes in -1..1. */
async function runNetwork({ run, file, fidelity }: Network, pixels: Float32Array): Promise<Float32Array> {
	const planePx = alignedPx * alignedPx;
	const data = new Float32Array(3 * planePx);
	for (let i = 0; i < data.length; i++) data[(i % 3) * planePx + Math.floor(i / 3)] = clampByte(pixels[i] ?? 0) / 127.5 - 1;
	const feeds: Record<string, OnnxInput> = { face: { data, dims: [1, 3, alignedPx, alignedPx] } };
	if (fidelity !== null) feeds.fidelity = { data: Float32Array.of(fidelity), dims: [1] };
	const [output] = Object.values(await run(file, feeds));
	if (output === undefined || output.data.length !== data.length) throw badNetwork("gave no picture of the expected size");
	const result = new Float32Array(data.length);
	for (let i = 0; i < result.length; i++) {
		const value = output.data[(i % 3) * planePx + Math.floor(i / 3)] ?? Number.NaN;
		if (!Number.isFinite(value)) throw badNetwork("gave values that are not numbers");
		result[i] = clampByte((value + 1) * 127.5);
	}
	return result;
}

const badNetwork = (what: string) => new GlassworksError("model_missing", `The face network ${what}: run \`glassworks models verify\`.`);

const clampByte = (value: number) => Math.max(0, Math.min(255, value));
