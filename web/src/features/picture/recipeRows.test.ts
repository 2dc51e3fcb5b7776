import { expect, test } from "vitest";
import { testJob } from "../jobs/testJob.ts";
import { recipeRows } from "./recipeRows.ts";

const job = testJob(
	{
		request: {
			prompt: "a fox",
			negative_prompt: "",
			width: 256,
			height: 256,
			steps: 8,
			guidance: null,
			style: "flat",
			upscale: true,
			restore_faces: false,
			face_restorer: "gfpgan",
			face_fidelity: 0.5,
			strength: 0.7,
			format: "png",
			quality: 90,
			future_setting: 3,
			image: null,
		},
		started_at: "2026-01-01T00:00:00.000Z",
		finished_at: "2026-01-01T00:00:04.200Z",
	},
	{ status: "succeeded", width: 1024, height: 1024, bytes: 312_400 },
);

test("the recipe names every setting, also those this page does not know, and nothing that had no effect", () => {
	const image = job.images[0];
	expect(image && Object.fromEntries(recipeRows(job, image))).toEqual({
		Model: "embedded",
		Workflow: "picture",
		"Drawn at": "256 x 256 px",
		Finished: "1024 x 1024 px, 313 kB",
		Style: "flat",
		Steps: "8",
		Guidance: "the model's own",
		"Upscale 4x": "on",
		"Restore faces": "off",
		File: "png",
		"future setting": "3",
		"Made in": "4.2 s",
	});
});
