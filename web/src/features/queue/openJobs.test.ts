import { expect, test } from "vitest";
import { testJob } from "../jobs/testJob.ts";
import { inLineOrder, latest } from "./openJobs.ts";

const waiting = (place: number | null) => ({ as_of: "", pool: "gpu", place, ahead_by_plan: {}, reason: null, eta: null });

test("what runs comes first, then the line by place, then what has no place, then what is scheduled", () => {
	const jobs = [
		testJob({ id: "scheduled", status: "scheduled" }),
		testJob({ id: "stuck", waiting: waiting(null) }),
		testJob({ id: "third", waiting: waiting(3) }),
		testJob({ id: "first", waiting: waiting(1) }),
		testJob({ id: "running", status: "running" }),
	];
	expect(inLineOrder(jobs).map(({ id }) => id)).toEqual(["running", "first", "third", "stuck", "scheduled"]);
});

test("a job that is known to be further is shown so, and one that has ended no more", () => {
	const listed = [testJob({ id: "a", progress: 0.2 }), testJob({ id: "b" }), testJob({ id: "c", progress: 0.5 })];
	const live = [testJob({ id: "a", progress: 0.6 }), testJob({ id: "b", status: "succeeded" }), testJob({ id: "c", progress: 0.1 })];
	expect(latest(listed, live).map(({ id, progress }) => [id, progress])).toEqual([
		["a", 0.6],
		["c", 0.5],
	]);
});
