import { z } from "zod";
import { GlassworksError } from "../errors.ts";
import { maxLoraBytes } from "./training.ts";

const tensor = z.looseObject({
	dtype: z.string(),
	shape: z.array(z.int().min(0)),
	data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const header = z.record(z.string(), z.unknown());
const maxHeaderBytes = 16 * 1_048_576;

/**
 * Sees that bytes are a safetensors file whose tensors lie within it: a format that cannot run code, whoever reads it.
 * @throws {GlassworksError} engine_invalid
 */
export function checkLoraFile(bytes: Uint8Array): void {
	const refuse = (why: string) => new GlassworksError("engine_invalid", `What was trained is no LoRA that can be kept: ${why}.`);
	if (bytes.byteLength > maxLoraBytes) throw refuse(`it has more than ${maxLoraBytes} bytes; ask for a smaller rank`);
	if (bytes.byteLength < 8) throw refuse("it is too short");
	const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
	if (headerBytes > maxHeaderBytes || 8 + headerBytes > bytes.byteLength) throw refuse("its header is longer than the file");
	const room = bytes.byteLength - 8 - headerBytes;
	const tensors = Object.entries(readHeader(bytes.subarray(8, 8 + headerBytes)) ?? {}).filter(([name]) => name !== "__metadata__");
	const lies = ([, value]: [string, unknown]) => {
		const parsed = tensor.safeParse(value);
		return parsed.success && parsed.data.data_offsets[0] <= parsed.data.data_offsets[1] && parsed.data.data_offsets[1] <= room;
	};
	if (tensors.length === 0 || !tensors.every(lies)) throw refuse("it is no safetensors file");
}

function readHeader(bytes: Uint8Array): Record<string, unknown> | null {
	try {
		return header.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
	} catch {
		return null;
	}
}
