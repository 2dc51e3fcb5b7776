import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Picture, StepProgress } from "../domain/ports.ts";
import { throttleReports } from "./reports.ts";

const preview: Picture = { bytes: new Uint8Array(1), mediaType: "image/png", widthPx: 1, heightPx: 1 };

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
	vi.useRealTimers();
});

function setUp(sendMs = 0) {
	const sent: StepProgress[] = [];
	const previews: Picture[] = [];
	const failures: unknown[] = [];
	const takeTime = () => new Promise<void>((resolve) => setTimeout(resolve, sendMs));
	const reports = throttleReports({
		heartbeatMs: 10_000,
		async sendProgress(progress) {
			sent.push(progress);
			await takeTime();
		},
		async sendPreview(picture) {
			previews.push(picture);
			await takeTime();
		},
		onFailure: (error) => failures.push(error),
	});
	return { sent, previews, failures, reports };
}

describe("what a running step tells the server", () => {
	test("a thousand reports in a second become at most five, and the last one is said", async () => {
		const { sent, reports } = setUp();
		for (let step = 1; step <= 1_000; step += 1) {
			reports.onProgress({ fraction: step / 1_000, step, steps: 1_000 });
			await vi.advanceTimersByTimeAsync(1);
		}
		const finished = reports.finish();
		await vi.advanceTimersByTimeAsync(10);
		await finished;
		expect(sent.length).toBeLessThanOrEqual(5);
		expect(sent.length).toBeGreaterThanOrEqual(4);
		expect(sent.at(-1)).toEqual({ fraction: 1, step: 1_000, steps: 1_000 });
	});

	test("a silent engine's lease is kept by heartbeats", async () => {
		const { sent, reports } = setUp();
		reports.onProgress({ fraction: 0.3 });
		await vi.advanceTimersByTimeAsync(35_000);
		expect(sent).toEqual([{ fraction: 0.3 }, { fraction: 0.3 }, { fraction: 0.3 }, { fraction: 0.3 }]);
		reports.drop();
	});

	test("a slow server gets one report at a time", async () => {
		const { sent, reports } = setUp(5_000);
		for (let at = 0; at < 20; at += 1) {
			reports.onProgress({ fraction: at / 20 });
			await vi.advanceTimersByTimeAsync(200);
		}
		expect(sent).toHaveLength(1);
		reports.drop();
	});

	test("previews come at most twice a second and never two at once", async () => {
		const { previews, reports } = setUp(700);
		for (let at = 0; at < 21; at += 1) {
			reports.onPreview(preview);
			await vi.advanceTimersByTimeAsync(100);
		}
		expect(previews).toHaveLength(3);
		reports.drop();
	});

	test("progress never runs backwards and stays between 0 and 1", async () => {
		const { sent, reports } = setUp();
		for (const fraction of [0.5, 0.2, Number.NaN, 7]) {
			reports.onProgress({ fraction });
			await vi.advanceTimersByTimeAsync(300);
		}
		expect(sent.map((entry) => entry.fraction)).toEqual([0.5, 0.5, 0.5, 1]);
		reports.drop();
	});

	test("nothing is said once the task is given up", async () => {
		const { sent, reports } = setUp();
		reports.onProgress({ fraction: 0.1 });
		reports.onProgress({ fraction: 0.2 });
		reports.drop();
		reports.onProgress({ fraction: 0.9 });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(sent).toEqual([{ fraction: 0.1 }]);
	});

	test("a report that fails is told and the next one is still sent", async () => {
		const failures: unknown[] = [];
		let calls = 0;
		const reports = throttleReports({
			heartbeatMs: 1_000,
			async sendProgress() {
				calls += 1;
				throw new Error("no network");
			},
			async sendPreview() {},
			onFailure: (error) => failures.push(error),
		});
		await vi.advanceTimersByTimeAsync(3_500);
		expect(calls).toBe(3);
		expect(failures).toHaveLength(3);
		reports.drop();
	});
});
