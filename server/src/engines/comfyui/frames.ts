import { asObject, asText, type JsonObject, parseJson } from "../../domain/json.ts";

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
	const message = asObject(parseJson(text));
	const type = asText(message.type);
	if (type === null) return null;
	const data = asObject(message.data);
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
	const metadata = parseJson(new TextDecoder().decode(frame.subarray(8, end)));
	if (metadata === undefined) return null;
	return { kind: "preview", promptId: asText(asObject(metadata).prompt_id), bytes: frame.subarray(end) };
}
