import { expect, test } from "vitest";
import type { Task } from "../domain/jobs/job.ts";
import type { Json } from "../domain/json.ts";
import { presentPassing, progressOf } from "./presentJob.ts";

function task(status: Task["status"], predictedMs: number, progress = 0): Task {
	return {
		id: 1,
		stepId: "generate",
		kind: "generate",
		model: "embedded",
		capability: "generate:embedded",
		pool: "gpu",
		status,
		optional: false,
		attempt: 1,
		predictedMs,
		listMicroUsd: 0,
		priceMicroUsd: 0,
		quotaUnits: [],
		orderKey: null,
		claimable: true,
		passedAt: null,
		notBefore: null,
		requires: null,
		progress,
		skipReason: null,
		error: null,
		outputs: {},
		data: {},
		readyAt: null,
		startedAt: null,
		finishedAt: null,
	};
}

test("a picture's progress weighs its steps by how long they take and leaves out what is skipped", () => {
	const tasks = [task("done", 600), task("skipped", 20_000), task("running", 300, 0.5), task("waiting", 100)];
	expect(progressOf({ status: "pending", tasks })).toBeCloseTo(0.75);
});

test("progress stays between nothing and all, whatever a worker says", () => {
	expect(progressOf({ status: "pending", tasks: [task("running", 100, 7)] })).toBe(1);
	expect(progressOf({ status: "pending", tasks: [task("running", 100, -3)] })).toBe(0);
	expect(progressOf({ status: "pending", tasks: [] })).toBe(0);
	expect(progressOf({ status: "succeeded", tasks: [] })).toBe(1);
});

test("followers see progress and previews from the bus, and nothing else of it", () => {
	const now = new Date(0);
	expect(
		presentPassing("job_1", { type: "progress", n: 0, step: "generate", fraction: 0.5, sampler_step: 3, secret: "x" }, now)?.data,
	).toEqual({
		n: 0,
		step: "generate",
		fraction: 0.5,
		sampler_step: 3,
		sampler_steps: null,
	});
	expect(presentPassing("job_1", { type: "preview", n: 1, data_url: "data:image/jpeg;base64,AA", secret: "x" }, now)?.data).toEqual({
		n: 1,
		data_url: "data:image/jpeg;base64,AA",
	});
	for (const message of [null, "x", 3, [], {}, { type: "changed" }, { type: "progress" }, { type: "preview", n: 1 }] as Json[])
		expect(presentPassing("job_1", message, now)).toBeNull();
});
