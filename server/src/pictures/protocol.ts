import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { maskChannels, maxFeatherPx, maxGrowPx } from "../domain/edits/mask.ts";
import { errorTable } from "../domain/errors.ts";
import { mediaTypes } from "../domain/ports.ts";

const count = z.int().min(0).max(65_535);
const side = z.int().min(1).max(65_535);
const margins = z.object({ left: count, top: count, right: count, bottom: count });
const box = z.object({ left: count, top: count, widthPx: side, heightPx: side });
const size = { widthPx: side, heightPx: side };
const point = z.tuple([z.number(), z.number()]);

/** What the gate asks of its child; the picture's bytes travel as the frame's body. */
export const pictureRequest = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("admit"), maxPixels: z.number() }),
	z.object({
		kind: z.literal("encode"),
		maxPixels: z.number(),
		format: z.enum(["png", "jpeg", "webp"]),
		quality: z.int().min(1).max(100),
		maxSidePx: z.int().min(1).max(65_535).optional(),
		text: z.record(z.string(), z.string()).optional(),
	}),
	z.object({
		kind: z.literal("mask"),
		maxPixels: z.number(),
		source: z.discriminatedUnion("kind", [
			z.object({ kind: z.literal("file"), channel: z.enum(maskChannels) }),
			z.object({ kind: z.literal("alpha") }),
			z.object({ kind: z.literal("polygons"), polygons: z.array(z.array(point)) }),
			z.object({ kind: z.literal("border"), margins }),
		]),
		invert: z.boolean(),
		...size,
		growPx: z.int().min(-maxGrowPx).max(maxGrowPx),
		featherPx: z.int().min(0).max(maxFeatherPx),
	}),
	z.object({ kind: z.literal("extend"), maxPixels: z.number(), margins }),
	z.object({ kind: z.literal("cut"), maxPixels: z.number(), part: z.object({ kind: z.enum(["picture", "mask"]), box, ...size }) }),
]);
export type PictureRequest = z.infer<typeof pictureRequest>;

const errorCodes = Object.keys(errorTable) as [keyof typeof errorTable];

/** What the child answers. It decodes hostile bytes, so the gate trusts no more of it than this. */
export const pictureReply = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("ready"), dataBytes: z.number().nullable() }),
	z.object({
		kind: z.literal("picture"),
		mediaType: z.enum(mediaTypes),
		widthPx: z.int().min(1),
		heightPx: z.int().min(1),
		/** Of a mask: where it is not 0. */
		extent: z.object({ box: box.nullable(), isFull: z.boolean() }).optional(),
	}),
	z.object({ kind: z.literal("error"), code: z.enum(errorCodes), message: z.string(), data: z.record(z.string(), z.json()) }),
]);
export type PictureReply = z.infer<typeof pictureReply>;

const prefixBytes = 8;

/** Writes one frame: the lengths of head and body, the head as JSON, the body as it is. */
export function writeFrame(stream: Writable, head: PictureRequest | PictureReply, body: Uint8Array): void {
	const json = Buffer.from(JSON.stringify(head));
	const prefix = Buffer.alloc(prefixBytes);
	prefix.writeUInt32BE(json.length, 0);
	prefix.writeUInt32BE(body.length, 4);
	stream.write(Buffer.concat([prefix, json]));
	if (body.length > 0) stream.write(body);
}

/** Calls `onFrame` for each whole frame. `onBroken` is called once, and reading ends, when a frame claims more than `maxBytes` or is no JSON. */
export function readFrames(
	stream: Readable,
	maxBytes: number,
	onFrame: (head: unknown, body: Buffer) => void,
	onBroken: (error: unknown) => void,
): void {
	let parts = framer(maxBytes, onFrame);
	stream.on("data", (chunk: Buffer) => {
		try {
			for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(parts(rest));
		} catch (error) {
			parts = (ignored) => ignored.length;
			onBroken(error);
		}
	});
}

/** Each call takes what it can use of a chunk and returns how many bytes that was: large bodies are copied once, never joined anew. */
function framer(maxBytes: number, onFrame: (head: unknown, body: Buffer) => void): (chunk: Buffer) => number {
	let into = Buffer.alloc(prefixBytes);
	let filled = 0;
	let jsonBytes: number | undefined;
	return (chunk) => {
		const taken = chunk.copy(into, filled);
		filled += taken;
		if (filled < into.length) return taken;
		filled = 0;
		if (jsonBytes === undefined) {
			jsonBytes = into.readUInt32BE(0);
			const total = jsonBytes + into.readUInt32BE(4);
			if (total > maxBytes) throw new Error("a frame is larger than allowed");
			into = Buffer.allocUnsafeSlow(total);
			return taken;
		}
		const frame = into;
		const head: unknown = JSON.parse(frame.toString("utf8", 0, jsonBytes));
		const body = frame.subarray(jsonBytes);
		into = Buffer.alloc(prefixBytes);
		jsonBytes = undefined;
		onFrame(head, body);
		return taken;
	};
}
