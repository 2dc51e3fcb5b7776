import { expect, test } from "vitest";
import { percent } from "./percent.ts";

test.each([
	[1, "100 %"],
	[0.999_99, "99.99 %"],
	[0.5, "50 %"],
	[0.1234, "12.34 %"],
	[null, "–"],
])("%s reads as %s", (share, expected) => {
	expect(percent(share)).toBe(expected);
});
