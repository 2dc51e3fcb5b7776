import { expect, test } from "vitest";
import { judgePassword } from "./passwordRules.ts";

const about = { email: "ann.smith@example.org", name: "Ann Smith" };
const isGood = (password: string) => judgePassword(password, about) === null;

test("a phrase is a good password, in any script", () => {
	for (const password of ["four grey herons wade", "zażółć gęślą jaźń", "青い鳥が三羽飛んでいく夜", "x9$kQ!m2pL"])
		expect(isGood(password), password).toBe(true);
});

test("what is short, long, tried first or about oneself is none, and it is said why", () => {
	const bad = {
		"": "10 to 128",
		short: "10 to 128",
		["x1".repeat(65)]: "10 to 128",
		aaaaaaaaaaaa: "5 different",
		"1234567890123": "harder",
		"Password123!": "harder",
		"p@ssw0rd2024": "harder",
		qwertyuiop12: "harder",
		"I am Ann Smith!": "your name",
		"ann.smith2030": "your name",
	};
	for (const [password, reason] of Object.entries(bad)) expect(judgePassword(password, about), password).toContain(reason);
});
