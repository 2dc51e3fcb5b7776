import { expect, test } from "vitest";
import { testJob } from "../jobs/testJob.ts";
import { retryRequest } from "./retryRequest.ts";

test("only the pictures that are missing are asked for again, from the first one's seed", () => {
	const job = testJob({ status: "partial", request: { prompt: "a fox", controls: [], loras: [], image: null } });
	const [image] = job.images;
	if (!image) throw new Error("no picture");
	job.images = [
		{ ...image, status: "succeeded" },
		{ ...image, n: 1, status: "failed", seed: 8 },
		{ ...image, n: 2, status: "failed", seed: 9 },
	];
	expect(retryRequest(job)).toMatchObject({ prompt: "a fox", seed: 8, count: 2 });
});

test("what was made from a picture is not asked for without it", () => {
	const failed = { status: "failed" as const };
	expect(retryRequest(testJob({ request: { prompt: "a fox", image: { sha256: "0" } } }, failed))).toBeNull();
	expect(retryRequest(testJob({ workflow: "mine" }, failed))).toBeNull();
});
