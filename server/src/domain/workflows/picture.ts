import { edit } from "./edit.ts";
import { drawingFields, finishingFields, generationInputs } from "./generationInputs.ts";
import { drawn, finishingSteps, samplingInputs, samplingParams } from "./templates/finishing.ts";
import { inpaintThenEnhance } from "./templates/inpaintThenEnhance.ts";
import { outpaint } from "./templates/outpaint.ts";
import { portrait } from "./templates/portrait.ts";
import { threeControls } from "./templates/threeControls.ts";
import { upscale } from "./templates/upscale.ts";
import { type Workflow, workflow } from "./workflow.ts";

/** The default: every picture finished. Generate, restore faces when there are any, upscale, strip metadata, encode. */
export const picture: Workflow = workflow.parse({
	slug: "picture",
	version: 1,
	title: "Finished picture",
	description:
		"Generates a picture from a prompt, restores faces when there are any, upscales it four times and encodes it without metadata.",
	takes: "generation",
	inputs: generationInputs([...drawingFields, "image", "strength", ...finishingFields], {
		image: { optional: true, description: "To start from, instead of from nothing." },
	}),
	steps: [
		{
			id: "generate",
			title: "Generate",
			kind: "generate",
			model: { input: "model" },
			inputs: samplingInputs("image"),
			params: samplingParams(),
		},
		...finishingSteps(),
	],
	result: { step: "encode", output: "image" },
	original: drawn,
});

/** Repaints the white part of a mask, then finishes the picture like any other. */
export const inpaint: Workflow = workflow.parse({
	slug: "inpaint",
	version: 1,
	title: "Repaint part of a picture",
	description: "Repaints what the mask shows in white and leaves the rest as it was, then finishes the picture.",
	takes: "generation",
	inputs: generationInputs(["image", "mask", ...drawingFields, "strength", ...finishingFields]),
	steps: [
		{
			id: "generate",
			title: "Repaint",
			kind: "inpaint",
			model: { input: "model" },
			inputs: samplingInputs("image", "mask"),
			params: samplingParams(),
		},
		...finishingSteps(),
	],
	result: { step: "encode", output: "image" },
	original: drawn,
});

/** Every workflow that ships. */
export const shippedWorkflows: readonly Workflow[] = [
	picture,
	portrait,
	threeControls,
	inpaint,
	inpaintThenEnhance,
	outpaint,
	edit,
	upscale,
];
