import { expect, it } from "vitest";
import { gaussianNoise } from "./noise.ts";

const moments = (values: Float32Array) => {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	const power = (exponent: number) => values.reduce((sum, value) => sum + (value - mean) ** exponent, 0) / values.length;
	return { mean, variance: power(2), skew: power(3), kurtosis: power(4) };
};

it("a seed gives the same noise on every run and machine", () => {
	expect(Array.from(gaussianNoise(7, 4), (value) => value.toFixed(5))).toMatchInlineSnapshot(`
		[
		  "1.78192",
		  "0.30179",
		  "-0.19238",
		  "-0.46813",
		]
	`);
	expect(gaussianNoise(7, 5)).toEqual(gaussianNoise(7, 6).subarray(0, 5));
});

it("noise is normally distributed for small, large and neighbouring seeds", () => {
	for (const seed of [0, 1, 2, 4_294_967_295]) {
		const { mean, variance, skew, kurtosis } = moments(gaussianNoise(seed, 200_000));
		expect(Math.abs(mean)).toBeLessThan(0.01);
		expect(Math.abs(variance - 1)).toBeLessThan(0.02);
		expect(Math.abs(skew)).toBeLessThan(0.04);
		expect(Math.abs(kurtosis - 3)).toBeLessThan(0.1);
	}
});

it("noise of neighbouring seeds and of neighbouring pixels is unrelated", () => {
	const [one, two] = [gaussianNoise(1, 100_000), gaussianNoise(2, 100_000)];
	const correlation = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0) / a.length;
	expect(Math.abs(correlation(one, two))).toBeLessThan(0.02);
	for (const lag of [1, 2, 64]) expect(Math.abs(correlation(one.subarray(0, -lag), one.subarray(lag)))).toBeLessThan(0.02);
});

it("every number is finite, also at the ends of the seed's range", () => {
	for (const seed of [0, 2_147_483_648, 4_294_967_295]) expect(gaussianNoise(seed, 100_000).every(Number.isFinite)).toBe(true);
});
