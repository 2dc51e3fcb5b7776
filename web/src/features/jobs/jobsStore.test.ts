import { expect, test } from "vitest";
import { createJobsStore } from "./jobsStore.ts";
import { testJob } from "./testJob.ts";

const at = (id: string, minute: number) => testJob({ id, created_at: `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z` });
const ids = (store: ReturnType<typeof createJobsStore>) => store.get().jobs?.map((job) => job.id);

test("older jobs stay on the screen when the newest page is asked for again", () => {
	const store = createJobsStore();
	store.takeNewest({ data: [at("c", 3), at("b", 2)], next: "b" });
	store.takeOlder({ data: [at("a", 1)], next: null });
	store.takeNewest({ data: [at("d", 4), at("c", 3)], next: "c" });
	expect(ids(store)).toEqual(["d", "c", "b", "a"]);
	expect(store.get().next).toBeNull();
});

test("after a long absence no jobs are silently missing in the middle", () => {
	const store = createJobsStore();
	store.takeNewest({ data: [at("b", 2), at("a", 1)], next: null });
	store.takeNewest({ data: [at("z", 9), at("y", 8)], next: "y" });
	expect(ids(store)).toEqual(["z", "y"]);
	expect(store.get().next).toBe("y");
});

test("a job just submitted survives a page that was asked for before it", () => {
	const store = createJobsStore();
	store.take(at("new", 5));
	store.takeNewest({ data: [at("b", 2), at("a", 1)], next: "a" });
	expect(ids(store)).toEqual(["new", "b", "a"]);
	expect(store.get().next).toBe("a");
});

test("a late answer does not bring an ended job back to running", () => {
	const store = createJobsStore();
	store.take(testJob({ status: "succeeded", finished_at: "2026-01-01T00:01:00.000Z" }));
	store.take(testJob({ status: "running" }));
	expect(store.get().jobs?.[0]?.status).toBe("succeeded");
});

test("a picture on the screen keeps its address while that is valid, and gets a new one before it expires", () => {
	let nowMs = 0;
	const store = createJobsStore(() => nowMs);
	const link = (expires: number) => `http://host/a?expires=${expires}&signature=x${expires}`;
	const url = () => store.get().jobs?.[0]?.images[0]?.url;
	store.take(testJob({}, { url: link(1_000) }));
	store.take(testJob({}, { url: link(2_000) }));
	expect(url()).toBe(link(1_000));
	nowMs = 950_000;
	store.take(testJob({}, { url: link(3_000) }));
	expect(url()).toBe(link(3_000));
});

test("previews are forgotten when the job ends", () => {
	const store = createJobsStore();
	store.take(testJob());
	store.preview("job_1", 0, "data:image/png;base64,AA");
	store.preview("job_2", 0, "data:image/png;base64,BB");
	expect(store.get().previews["job_1/0"]).toBe("data:image/png;base64,AA");
	store.take(testJob({ finished_at: "2026-01-01T00:01:00.000Z" }));
	expect(store.get().previews).toEqual({ "job_2/0": "data:image/png;base64,BB" });
});

test("links that do not work are replaced even while they seem valid", () => {
	const store = createJobsStore(() => 0);
	const link = (expires: number) => `http://host/a?expires=${expires}`;
	store.take(testJob({}, { url: link(1_000) }));
	store.takeLinks(testJob({}, { url: link(2_000) }));
	expect(store.get().jobs?.[0]?.images[0]?.url).toBe(link(2_000));
});
