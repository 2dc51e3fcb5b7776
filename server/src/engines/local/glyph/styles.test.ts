import { expect, it } from "vitest";
import { chooseStyle } from "./styles.ts";

it("the style asked for wins over a word in the prompt", () => {
	expect(chooseStyle("flat", "a 3d rocket", 0)).toBe("flat");
});

it("a style word in the prompt chooses the style when none is asked for", () => {
	expect(chooseStyle(null, "a 3D rocket", 0)).toBe("3d");
	expect(chooseStyle(null, "flat drawing of a cat", 0)).toBe("flat");
	expect(chooseStyle(null, "a flatfish", 0)).toBe("cartoon");
});

it("any lets the seed choose, so that seeds vary more", () => {
	expect([0, 1, 2, 3].map((seed) => chooseStyle("any", "cat", seed))).toEqual(["flat", "cartoon", "3d", "flat"]);
});

it("another style is refused with the list of those that exist", () => {
	expect(() => chooseStyle("photo", "cat", 0)).toThrow(/flat, cartoon, 3d, any; asked for "photo"/);
});
