import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepFresh } from "./fresh.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout"] }));
afterEach(() => void vi.useRealTimers());

/** Counts its reads, each of which takes `costMs`. */
function counted(costMs: number) {
	let reads = 0;
	return () => new Promise<number>((resolve) => setTimeout(() => resolve(++reads), costMs));
}
const after = async <T>(ms: number, promise: Promise<T>): Promise<T> => {
	await vi.advanceTimersByTimeAsync(ms);
	return promise;
};

test("a flood of questions is one look", async () => {
	const ask = keepFresh(counted(10), 1_000);
	expect(await after(10, Promise.all(Array.from({ length: 100 }, ask)))).toEqual(Array.from({ length: 100 }, () => 1));
	expect(await after(990, ask())).toBe(1);
});

test("what is due is looked at again without anybody waiting, and what is too old is waited for", async () => {
	const ask = keepFresh(counted(10), 1_000);
	await after(10, ask());
	await vi.advanceTimersByTimeAsync(1_500);
	expect(await ask()).toBe(1);
	await vi.advanceTimersByTimeAsync(10);
	expect(await ask()).toBe(2);
	await vi.advanceTimersByTimeAsync(3_100);
	expect(await after(10, ask())).toBe(3);
});

test("a look that takes long is taken at most a tenth of the time", async () => {
	const ask = keepFresh(counted(500), 1_000);
	await after(500, ask());
	await vi.advanceTimersByTimeAsync(4_900);
	expect(await ask()).toBe(1);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(await ask()).toBe(1);
});

test("but not less often than is said", async () => {
	const ask = keepFresh(counted(500), 1_000, 10, 2_000);
	await after(500, ask());
	await vi.advanceTimersByTimeAsync(2_100);
	expect(await ask()).toBe(1);
	await vi.advanceTimersByTimeAsync(500);
	expect(await ask()).toBe(2);
});

test("a failed look is tried again, and what is kept is served meanwhile", async () => {
	let fails = true;
	const ask = keepFresh(async () => {
		if (fails) throw new Error("no database");
		return 7;
	}, 1_000);
	await expect(ask()).rejects.toThrow("no database");
	fails = false;
	expect(await ask()).toBe(7);
	fails = true;
	await vi.advanceTimersByTimeAsync(1_500);
	expect(await ask()).toBe(7);
});
