import { expect, test } from "vitest";
import { testJob } from "./testJob.ts";
import { toFollow } from "./toFollow.ts";

test("running jobs are followed before waiting ones, never more than two, never ended or scheduled ones", () => {
	const job = (id: string, status: "queued" | "running" | "succeeded" | "scheduled", second: number) =>
		testJob({ id, status, created_at: `2026-01-01T00:00:0${second}.000Z` });
	const jobs = [job("e", "queued", 5), job("d", "running", 4), job("c", "queued", 3), job("b", "scheduled", 2), job("a", "succeeded", 1)];
	expect(toFollow(jobs)).toEqual(["c", "d"]);
});
