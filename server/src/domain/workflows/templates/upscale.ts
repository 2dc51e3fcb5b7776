import { generationInputs } from "../generationInputs.ts";
import { type Workflow, workflow } from "../workflow.ts";
import { encodeStep } from "./finishing.ts";

/** Enlarges a picture and does nothing else to it. */
export const upscale: Workflow = workflow.parse({
	slug: "upscale",
	version: 1,
	title: "Upscale a picture",
	description: "Enlarges a picture four times with the net for its kind, photograph or drawing. Nothing is drawn anew.",
	inputs: [
		...generationInputs(["image"], { image: { description: "The picture to enlarge." } }),
		{
			...{ name: "content", type: "choice", title: "Kind of picture", options: ["photo", "drawing"], default: "photo", bindings: [] },
			description: "What the net was trained on.",
		},
		...generationInputs(["format", "quality"]),
	],
	steps: [
		{ id: "upscale", title: "Upscale 4x", kind: "upscale", model: { input: "upscaleModel" }, inputs: { image: { input: "image" } } },
		encodeStep({ step: "upscale", output: "image" }),
	],
	result: { step: "encode", output: "image" },
	original: { input: "image" },
});
