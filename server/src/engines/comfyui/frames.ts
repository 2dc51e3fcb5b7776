import type { Json, JsonObject } from "../../domain/json.ts";
import { asObject, asText } from "./readJson.ts";

/** What a frame of the socket says. `promptId` is null where the server does not say whose it is. */
export type Frame = EventFrame | PreviewFrame;

export interface EventFrame {
	kind: "event";
	type: string;
	promptId: string | null;
	data: JsonObject;
}

export interface PreviewFrame {
	kind: "preview";
	promptId: string | null;
	bytes: Uint8Array;
}

/** Numbers that begin a binary frame. */
const preview = 1;
const previewWithMetadata = 4;

/** Reads a text frame; null: it is none of ComfyUI's. */
export function readTextFrame(text: string): EventFrame | null {
	let message: Json;
	try {
		message = JSON.parse(text);
	} catch {
		return null;
	}
	const type = asText(asObject(message).type);
	if (type === null) return null;
	const data = asObject(asObject(message).data);
	return { kind: "event", type, promptId: asText(data.prompt_id), data };
}

/**
 * Reads a preview out of a binary frame: `1, format, picture` or, once feature flags were exchanged, `4, length, metadata, picture`.
 * Numbers are unsigned, big-endian, 32 bits. Null: another kind (text, for one), or cut short.
 */
export function readBinaryFrame(frame: Uint8Array): PreviewFrame | null {
	if (frame.byteLength < 9) return null;
	const numbers = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
	const kind = numbers.getUint32(0);
	if (kind === preview) return { kind: "preview", promptId: null, bytes: frame.subarray(8) };
	if (kind !== previewWithMetadata) return null;
	const end = 8 + numbers.getUint32(4);
	if (end >= frame.byteLength) return null;
	try {
		const metadata: Json = JSON.parse(new TextDecoder().decode(frame.subarray(8, end)));
		return { kind: "preview", promptId: asText(asObject(metadata).prompt_id), bytes: frame.subarray(end) };
	} catch {
		return null;
	}
}
