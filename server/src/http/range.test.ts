import { expect, test } from "vitest";
import { matchesEtag, readRange } from "./range.ts";

test("one range of a file is the bytes it names, both ends included", () => {
	expect(readRange("bytes=0-3", 10)).toEqual({ start: 0, end: 3 });
	expect(readRange("bytes=4-", 10)).toEqual({ start: 4, end: 9 });
	expect(readRange("bytes=8-99", 10)).toEqual({ start: 8, end: 9 });
	expect(readRange("bytes=-3", 10)).toEqual({ start: 7, end: 9 });
	expect(readRange("bytes=-99", 10)).toEqual({ start: 0, end: 9 });
});

test("several ranges, and headers that make no sense, get the whole file", () => {
	for (const header of [undefined, "bytes=0-1,4-5", "bytes=5-2", "bytes=-", "lines=0-3", "bytes=a-b", ""])
		expect(readRange(header, 10)).toBe("whole");
});

test("a range behind the end is refused", () => {
	expect(readRange("bytes=10-", 10)).toBe("unsatisfiable");
	expect(readRange("bytes=99999999999999999999-", 10)).toBe("unsatisfiable");
	expect(readRange("bytes=-0", 10)).toBe("unsatisfiable");
	expect(readRange("bytes=0-", 0)).toBe("unsatisfiable");
});

test("a cache that has the picture is recognised however it lists its tags", () => {
	expect(matchesEtag('"abc"', '"abc"')).toBe(true);
	expect(matchesEtag('W/"abc"', '"abc"')).toBe(true);
	expect(matchesEtag('"x", "abc"', '"abc"')).toBe(true);
	expect(matchesEtag("*", '"abc"')).toBe(true);
	expect(matchesEtag('"abcd"', '"abc"')).toBe(false);
	expect(matchesEtag(undefined, '"abc"')).toBe(false);
});
