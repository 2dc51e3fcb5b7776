import { expect, test } from "vitest";
import { money } from "./money.ts";

test.each([
	[0, "free"],
	[120_000, "$0.12"],
	[1_000_000, "$1.00"],
	[11_900_000, "$11.90"],
	[2_500, "$0.0025"],
	[1, "$0.000001"],
	[-20_000, "-$0.02"],
])("%i micro-dollars read as %s", (microUsd, expected) => {
	expect(money(microUsd)).toBe(expected);
});
