import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkSize } from "./checkSize.ts";

let root: string;
beforeEach(async () => {
	root = await fs.mkdtemp(path.join(os.tmpdir(), "glassworks-size-"));
	await fs.mkdir(path.join(root, "server/src"), { recursive: true });
});
afterEach(() => fs.rm(root, { recursive: true, force: true }));

const write = (name: string, text: string) => fs.writeFile(path.join(root, "server/src", name), text);
/** A block of `count` lines, opening and closing line included. */
const block = (open: string, count: number, close = "}") => `${open}\n${"\tcall();\n".repeat(count - 2)}${close}\n`;

test("a file of 400 lines passes and one of 401 does not", async () => {
	await write("a.ts", "call();\n".repeat(400));
	await write("b.ts", "call();\n".repeat(401));
	expect(checkSize(root)).toMatchObject({ files: 2, problems: ["server/src/b.ts: 401 lines (at most 400; split by meaning)"] });
});

test("functions, arrows, methods and components over 60 lines are named with their line", async () => {
	await write("a.ts", `${block("function fits() {", 60)}${block("function long() {", 61)}${block("const arrow = () => {", 61, "};")}`);
	await write("b.ts", `class C {\n${block("method() {", 61)}${block("get size() {", 61)}}\n`);
	await write("c.tsx", `const View = () => (\n<div>\n${"<i />\n".repeat(60)}</div>\n);\n`);
	expect(checkSize(root).problems).toEqual([
		"server/src/a.ts:61: long has 61 lines (at most 60)",
		"server/src/a.ts:122: arrow has 61 lines (at most 60)",
		"server/src/b.ts:2: method has 61 lines (at most 60)",
		"server/src/b.ts:63: size has 61 lines (at most 60)",
		"server/src/c.tsx:1: View has 64 lines (at most 60)",
	]);
});

test("a suite may be long, a single test may not", async () => {
	await write("a.test.ts", `describe("x", () => {\n${block('test("y", () => {', 61, "});")}${"call();\n".repeat(50)}});\n`);
	expect(checkSize(root)).toMatchObject({ functions: 1, problems: ["server/src/a.test.ts:2: a function has 61 lines (at most 60)"] });
});
