import { expect, test } from "vitest";
import { readBinaryFrame, readTextFrame } from "./frames.ts";

const uint32 = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
};
const metadata = Buffer.from(JSON.stringify({ node_id: "3", prompt_id: "p", image_type: "image/jpeg" }));

test("a preview of an old server names no prompt", () => {
	const frame = readBinaryFrame(Buffer.concat([uint32(1), uint32(1), Buffer.from("jpeg")]));
	expect(frame).toEqual({ kind: "preview", promptId: null, bytes: Buffer.from("jpeg") });
});

test("a preview with metadata names its prompt", () => {
	const frame = readBinaryFrame(Buffer.concat([uint32(4), uint32(metadata.length), metadata, Buffer.from("jpeg")]));
	expect(frame).toEqual({ kind: "preview", promptId: "p", bytes: Buffer.from("jpeg") });
});

test.each([
	["nothing", Buffer.alloc(0)],
	["a header alone", Buffer.concat([uint32(1), uint32(1)])],
	["text", Buffer.concat([uint32(3), uint32(1), Buffer.from("3some text")])],
	["metadata longer than the frame", Buffer.concat([uint32(4), uint32(4_000_000_000), metadata])],
	["metadata that is no JSON", Buffer.concat([uint32(4), uint32(3), Buffer.from("{{{jpeg")])],
	["a kind that is not known", Buffer.concat([uint32(9), uint32(1), Buffer.from("jpeg")])],
])("a binary frame of %s shows nothing", (_, frame) => {
	expect(readBinaryFrame(frame)).toBeNull();
});

test.each(["", "null", "[]", "{", '{"type":1}', '"executing"'])("text that is not ComfyUI's is passed over: %s", (text) => {
	expect(readTextFrame(text)).toBeNull();
});

test("an event without data is one of nobody's prompt", () => {
	expect(readTextFrame('{"type":"status"}')).toEqual({ kind: "event", type: "status", promptId: null, data: {} });
});
