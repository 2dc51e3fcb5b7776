import { expect, test } from "vitest";
import { isSameSecret, readSignedLink, signLink } from "./sign.ts";

const key = new Uint8Array(32).fill(7);
const now = Date.UTC(2026, 0, 1, 12, 0, 1);
const hour = 3_600_000;
const parts = (link: string) => {
	const [path = "", search = ""] = link.split("?");
	return { path, query: new URLSearchParams(search) };
};

test("a signed link opens what it was made for until it expires", () => {
	const { path, query } = parts(signLink(key, "/p", { tenant: "t1", variant: "result" }, hour, now));
	expect(readSignedLink(key, path, query, now + hour)).toMatchObject({ tenant: "t1", variant: "result" });
	expect(() => readSignedLink(key, path, query, now + 2 * hour)).toThrow(expect.objectContaining({ code: "expired" }));
});

test("a link that was changed anywhere opens nothing", () => {
	const { path, query } = parts(signLink(key, "/p", { tenant: "t1", variant: "result" }, hour, now));
	const changed = (change: (copy: URLSearchParams) => void) => {
		const copy = new URLSearchParams(query);
		change(copy);
		return copy;
	};
	const attempts = [
		changed((copy) => copy.set("tenant", "t2")),
		changed((copy) => copy.append("tenant", "t2")),
		changed((copy) => copy.set("variant", "original")),
		changed((copy) => copy.delete("variant")),
		changed((copy) => copy.set("expires", "99999999999")),
		changed((copy) => copy.set("signature", "")),
		changed((copy) => copy.delete("signature")),
	];
	for (const attempt of attempts)
		expect(() => readSignedLink(key, path, attempt, now)).toThrow(expect.objectContaining({ code: "forbidden" }));
	expect(() => readSignedLink(key, "/q", query, now)).toThrow(expect.objectContaining({ code: "forbidden" }));
	expect(() => readSignedLink(new Uint8Array(32), path, query, now)).toThrow(expect.objectContaining({ code: "forbidden" }));
});

test("asking again soon gives the same link, so that a browser's cache keeps working", () => {
	expect(signLink(key, "/p", {}, hour, now)).toBe(signLink(key, "/p", {}, hour, now + 60_000));
});

test("secrets of any length can be compared", () => {
	expect(isSameSecret("abc", "abc")).toBe(true);
	expect(isSameSecret("abc", "abcd")).toBe(false);
	expect(isSameSecret("", "x")).toBe(false);
});
