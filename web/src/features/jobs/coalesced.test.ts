import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coalesced } from "./coalesced.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("many askings at once are answered twice: at once, and after the last", async () => {
	const work = vi.fn(async () => {});
	const ask = coalesced(work, 500);
	for (let i = 0; i < 40; i += 1) ask();
	await vi.advanceTimersByTimeAsync(0);
	expect(work).toHaveBeenCalledTimes(1);
	for (let i = 0; i < 40; i += 1) ask();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(work).toHaveBeenCalledTimes(2);
	ask();
	await vi.advanceTimersByTimeAsync(0);
	expect(work).toHaveBeenCalledTimes(3);
});

test("what is asked while the work runs is not forgotten", async () => {
	const { promise, resolve: finish } = Promise.withResolvers<void>();
	const work = vi.fn(() => promise);
	const ask = coalesced(work, 500);
	ask();
	ask();
	finish();
	await vi.advanceTimersByTimeAsync(500);
	expect(work).toHaveBeenCalledTimes(2);
});
