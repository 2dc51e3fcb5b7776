import { expect, test } from "vitest";
import { retryAfterMs } from "./retryAfterMs.ts";

test.each([
	["3", 3_000],
	["0.25", 250],
	["Thu, 01 Jan 2026 00:00:10 GMT", 10_000],
	["Wed, 31 Dec 2025 00:00:00 GMT", 0],
	["soon", null],
	["-5x", null],
])("a Retry-After of %s is read as %s ms", (value, expected) => {
	expect(retryAfterMs(new Headers({ "retry-after": value }), Date.UTC(2026, 0, 1))).toBe(expected);
});

test("without the header there is no time", () => {
	expect(retryAfterMs(new Headers())).toBeNull();
});
