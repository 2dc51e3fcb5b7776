import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkName } from "../../src/models/convertCheckpoint.ts";
import { type TensorToWrite, writeCheckpoint } from "../writeCheckpoint.ts";

export const shippedModels = join(import.meta.dirname, "../../../models");

/** Writes a checkpoint of the network's true architecture with random weights in place of learnt ones, in torch's older layout. */
export async function writeRandomCheckpoint(network: NetworkName, file: string): Promise<void> {
	const text = await readFile(join(shippedModels, "faces", `${network}.layout.json`), "utf8");
	const { tensors }: { tensors: { key: string; shape: number[] }[] } = JSON.parse(text);
	await writeCheckpoint(file, tensors.map(randomTensor), { layout: "legacy" });
}

/** Uniform, of a spread that keeps the values of each layer about as large as those of the one before. */
function randomTensor({ key, shape }: { key: string; shape: number[] }, index: number): TensorToWrite {
	const elements = shape.reduce((product, side) => product * side, 1);
	const isKernel = key.endsWith("weight") && shape.length > 1;
	const fanIn = key.includes("modulated_conv.weight") ? 1 : elements / (shape[0] ?? 1);
	// CodeFormer multiplies features by what these give: at full spread they would be squared from layer to layer.
	const gain = /^fuse_convs_dict\.\d+\.(scale|shift)\./.test(key) ? 0.2 : 1;
	const spread = isKernel ? gain * Math.sqrt(6 / fanIn) : 0.5;
	const bytes = () => {
		const values = new Float32Array(elements);
		let state = index + 1;
		for (let i = 0; i < elements; i++) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
			values[i] = (state / 2_147_483_648) * spread;
		}
		return new Uint8Array(values.buffer);
	};
	return { key, shape, bytes };
}
