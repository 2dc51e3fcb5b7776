import { expect, test } from "vitest";
import { secretIn } from "./authenticate.ts";

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

test("a key may come as Bearer, as Key, or as the password of HTTP Basic", () => {
	expect(secretIn("Bearer gw_x")).toBe("gw_x");
	expect(secretIn("bearer  gw_x")).toBe("gw_x");
	expect(secretIn("Key gw_x")).toBe("gw_x");
	expect(secretIn(basic("anyone:gw_x"))).toBe("gw_x");
	expect(secretIn(basic("anyone:gw:x"))).toBe("gw:x");
	expect(secretIn(basic("gw_x:"))).toBe("gw_x");
});

test("an Authorization header without a secret holds none", () => {
	for (const header of ["", "Bearer", "Bearer ", "gw_x", "Digest gw_x", "Bearer a b", basic(":"), "Basic !!!"])
		expect(secretIn(header) ?? "").not.toContain("gw_x");
	expect(secretIn(basic(":"))).toBeNull();
});
