import { drawingFields, finishingFields, generationInputs } from "../generationInputs.ts";
import { type Workflow, workflow } from "../workflow.ts";
import { drawn, finishingSteps, samplingInputs, samplingParams } from "./finishing.ts";

/** A person in upright format, whose face is kept close to what was drawn. */
export const portrait: Workflow = workflow.parse({
	slug: "portrait",
	version: 1,
	title: "Portrait",
	description: "Draws upright, three to four, restores the face close to how it was drawn, and upscales the picture.",
	takes: "generation",
	aspect: 0.75,
	inputs: generationInputs([...drawingFields, ...finishingFields], {
		prompt: { description: "Whom to draw, and how: clothes, light, background." },
		face_fidelity: { default: 0.7 },
	}),
	steps: [
		{
			id: "generate",
			title: "Draw the portrait",
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
