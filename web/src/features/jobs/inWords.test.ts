import { expect, test } from "vitest";
import { announcement, reasonInWords, waitingInWords } from "./inWords.ts";
import { testJob } from "./testJob.ts";

const waiting = {
	as_of: "2026-01-01T00:00:00.000Z",
	pool: "gpu",
	place: 5,
	ahead_by_plan: { pro: 3, free: 1, starter: 0 },
	reason: { code: "fair_share_turn" as const, data: {}, help: { you: "A plan with a larger share.", operator: null } },
	eta: { p10_ms: 300_000, p50_ms: 420_000, p90_ms: 540_000, method: "measured", coverage: { share: 0.81, outcomes: 200 } },
};

test("a waiting job says its place, how long, why and who is ahead", () => {
	expect(waitingInWords(waiting)).toEqual({
		place: "5th in line",
		eta: "7 to 9 min",
		etaMethod: "measured; lately 81 % of 200 ended within the range of 80 %",
		why: "Others have their fair share first.",
		help: "A plan with a larger share.",
		ahead: "3 pro, 1 free",
	});
});

test("what has no place or ETA does not invent one", () => {
	expect(waitingInWords({ ...waiting, place: null, eta: null, ahead_by_plan: {} })).toMatchObject({ place: null, eta: null, ahead: null });
});

test("a reason of a newer server is still readable", () => {
	expect(reasonInWords("budget_review_pending", {})).toBe("Waiting: budget review pending.");
});

test("screen readers hear a change, not every percent", () => {
	const at = (progress: number) => announcement(testJob({ status: "running", progress }));
	expect(at(0.26)).toBe("Drawing, 25 percent: a fox");
	expect(at(0.49)).toBe(at(0.26));
	expect(announcement(testJob({ status: "failed", error: { code: "timeout", message: "It took too long." } }))).toBe(
		"Failed: a fox. It took too long.",
	);
});
