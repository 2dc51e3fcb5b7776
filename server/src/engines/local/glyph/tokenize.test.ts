import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseVocabulary, tokenize } from "./tokenize.ts";

const modelsDir = join(import.meta.dirname, "../../../../../models");
const text = readFileSync(join(modelsDir, "glyph/vocab.txt"), "utf8");
const lines = text.split("\n");
const vocabulary = parseVocabulary(text);
const asPieces = (phrase: string) => tokenize(phrase, vocabulary).map((id) => lines[id]);

describe("the prompt's words as the text network reads them", () => {
	it("stand between a start and an end token", () => {
		expect(tokenize("hello world", vocabulary)).toEqual([101, 7592, 2088, 102]);
		expect(tokenize("", vocabulary)).toEqual([101, 102]);
	});

	it("are cut into the longest known pieces", () => {
		expect(asPieces("unaffable")).toEqual(["[CLS]", "una", "##ffa", "##ble", "[SEP]"]);
		expect(asPieces("embeddings")).toEqual(["[CLS]", "em", "##bed", "##ding", "##s", "[SEP]"]);
	});

	it("lose case and accents", () => {
		expect(asPieces("Café ÉCLAIR")).toEqual(asPieces("cafe eclair"));
	});

	it("are parted by punctuation, symbols and CJK characters", () => {
		expect(asPieces("don't $5")).toEqual(["[CLS]", "don", "'", "t", "$", "5", "[SEP]"]);
		expect(asPieces("日本")).toEqual(["[CLS]", "日", "本", "[SEP]"]);
	});

	it("become one unknown token when they are in no vocabulary or endless", () => {
		expect(asPieces("🦄")).toEqual(["[CLS]", "[UNK]", "[SEP]"]);
		expect(asPieces("a".repeat(101))).toEqual(["[CLS]", "[UNK]", "[SEP]"]);
	});

	it("lose what cannot be seen", () => {
		expect(asPieces("red\u0000 \u200bapple\ufffd\n\tpie")).toEqual(["[CLS]", "red", "apple", "pie", "[SEP]"]);
	});

	it("are at most 32, however long the prompt is", () => {
		const ids = tokenize("word ".repeat(100_000), vocabulary);
		expect(ids).toHaveLength(32);
		expect(ids.at(-1)).toBe(102);
	});

	it("cannot be read with a damaged vocabulary, and the message says what to do", () => {
		expect(() => parseVocabulary("nothing\nhere")).toThrow(/glassworks models verify/);
	});
});
