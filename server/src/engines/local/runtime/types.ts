/** An 8-bit picture without transparency; `rgb` holds 3 bytes a pixel, rows from the top. */
export interface RawImage {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly rgb: Uint8Array;
}

export interface OnnxInput {
	readonly data: Float32Array | BigInt64Array;
	readonly dims: readonly number[];
}

export interface OnnxOutput {
	readonly data: Float32Array;
	readonly dims: readonly number[];
}

/**
 * Runs the network in `file` (absolute path of an .onnx). Sessions are cached by file.
 * Throws `model_missing` when the file is absent or is not a network that can be loaded.
 */
export type OnnxRun = (file: string, feeds: Readonly<Record<string, OnnxInput>>) => Promise<Record<string, OnnxOutput>>;
