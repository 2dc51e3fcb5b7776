import { expect, test } from "vitest";
import { readCsvItems } from "./csvItems.ts";

const read = async (text: string) => (await readCsvItems(new TextEncoder().encode(text))).items;
const refusal = (text: string | Uint8Array) =>
	readCsvItems(typeof text === "string" ? new TextEncoder().encode(text) : text).then(
		() => Promise.reject(new Error("it was accepted")),
		(error) => ({ code: error.code, fields: error.fields, message: error.message, data: error.data }),
	);

test("cells become fields of their types; quotes, line breaks, byte order marks and empty cells are read", async () => {
	const text =
		'\ufeffprompt,seed,upscale,inputs.title,image,style\r\n"a ""red"" apple, ripe",7,yes,"two\nlines",https://x.test/a.png,\r\n\r\nb,,,,asset_1,flat\r\n';
	expect(await read(text)).toEqual([
		{ prompt: 'a "red" apple, ripe', seed: 7, upscale: true, inputs: { title: "two\nlines" }, image: { url: "https://x.test/a.png" } },
		{ prompt: "b", image: { asset_id: "asset_1" }, style: "flat" },
	]);
	expect(await read("prompt;seed\na, b;1\n")).toEqual([{ prompt: "a, b", seed: 1 }]);
});

test("every row that is wrong is named at once, by row and column", async () => {
	const { code, fields } = await refusal("prompt,seed,upscale\na,x,maybe\nb,1,no\nc,2,no,extra\nd\0,3,no\n");
	expect(code).toBe("invalid_request");
	expect(fields).toEqual([
		{ path: ["rows", 2, "seed"], message: 'must be a number; got "x"' },
		{ path: ["rows", 2, "upscale"], message: 'must be true or false; got "maybe"' },
		{ path: ["rows", 4], message: "has 4 cells, the header 3; quote cells with commas in them" },
		{ path: ["rows", 5, "prompt"], message: "must be text without NUL characters" },
	]);
	const many = await refusal(`prompt,seed\n${"a,x\n".repeat(300)}`);
	expect(many.fields).toHaveLength(50);
	expect(many.data).toMatchObject({ refused_items: 300 });
});

test("columns that are no fields, twice there or without a name are named", async () => {
	const { fields } = await refusal("prompt,promt,seed,seed,,__proto__\na,b,1,2,c,d\n");
	expect(fields.map(({ path }: { path: unknown[] }) => path[1])).toEqual(["promt", "seed", 4, "__proto__"]);
});

test("what is no CSV is refused, and says where", async () => {
	expect(await refusal('prompt\n"never closed\n')).toMatchObject({
		code: "malformed_body",
		message: expect.stringMatching(/never closed|opened/),
	});
	expect(await refusal(`prompt\n${"x".repeat(10_000_000)}\n`)).toMatchObject({
		code: "malformed_body",
		message: expect.stringContaining("65536"),
	});
	expect(await refusal(new Uint8Array([0x70, 0xff, 0xfe, 0x0a]))).toMatchObject({ code: "malformed_body" });
	expect(await refusal("")).toMatchObject({ code: "invalid_request" });
	expect(await refusal("prompt\n")).toMatchObject({ code: "invalid_request" });
	expect(await refusal(`prompt\n${"a\n".repeat(10_001)}`)).toMatchObject({ code: "invalid_request", data: { max: 10_000 } });
});
