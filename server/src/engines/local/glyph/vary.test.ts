import { expect, it } from "vitest";
import { varyGuess } from "./vary.ts";

const sidePx = 32;
/** White, with a dark square left of the middle in the first plane only. */
function planes(): Float32Array {
	const values = new Float32Array(3 * sidePx ** 2).fill(1);
	for (let y = 12; y < 20; y++) for (let x = 5; x < 13; x++) values[y * sidePx + x] = -1;
	return values;
}

/** Mean column of what is dark in the first plane, and how much of it there is. */
function darkness(values: Float32Array): { column: number; amount: number } {
	let [amount, sum] = [0, 0];
	for (let at = 0; at < sidePx ** 2; at++) {
		const dark = 1 - (values[at] ?? 1);
		amount += dark;
		sum += dark * (at % sidePx);
	}
	return { column: sum / amount, amount };
}

const before = darkness(planes());

it("every seed changes the guess a little, and always in the same way", () => {
	const seen = new Set<string>();
	for (let seed = 0; seed < 50; seed++) {
		const varied = varyGuess(planes(), sidePx, seed, false);
		expect(varied).toEqual(varyGuess(planes(), sidePx, seed, false));
		seen.add(varied.join());
		const { column, amount } = darkness(varied);
		expect(Math.abs(column - before.column)).toBeLessThan(3);
		expect(amount / before.amount).toBeGreaterThan(0.88);
		expect(amount / before.amount).toBeLessThan(1.02);
	}
	expect(seen.size).toBe(50);
});

it("half the seeds mirror what may be mirrored, and none what may not", () => {
	const right = (mayMirror: boolean) =>
		Array.from({ length: 200 }, (_, seed) => darkness(varyGuess(planes(), sidePx, seed, mayMirror)).column).filter((column) => column > 16)
			.length;
	expect(right(false)).toBe(0);
	expect(right(true)).toBeGreaterThan(70);
	expect(right(true)).toBeLessThan(130);
});

it("planes do not mix, values stay in range, and what comes in from outside is white", () => {
	for (let seed = 0; seed < 20; seed++) {
		const varied = varyGuess(planes(), sidePx, seed, true);
		expect(varied.subarray(sidePx ** 2).every((value) => Math.abs(value - 1) < 1e-6)).toBe(true);
		expect(varied.every((value) => value >= -1 && value <= 1 + 1e-6)).toBe(true);
	}
});
