import { generationInputs } from "./generationInputs.ts";
import { editFields } from "./templates/editInputs.ts";
import { encodeStep, finishingSteps, ofRequest, samplingParams } from "./templates/finishing.ts";
import type { Reference } from "./workflow.ts";
import { type Workflow, workflow } from "./workflow.ts";

/** The window as the model painted it. */
const painted: Reference = { step: "paint", output: "image" };
const edited: Reference = { step: "composite", output: "image" };
/**
 * Changes part of a picture. What the model is shown is cut out beforehand (domain/edits/prepareEdit.ts); whatever is done to it, it goes
 * back into the untouched original through the feathered mask, so that nothing else changes.
 */
export const edit: Workflow = workflow.parse({
	slug: "edit",
	version: 1,
	title: "Edit part of a picture",
	description: "Removes, fills, replaces, inserts or extends what a mask marks; the rest of the picture stays as it is to the bit.",
	takes: "edit",
	inputs: [
		...generationInputs(["image", "mask", "prompt"], { prompt: { optional: true, description: "What to draw there." } }),
		...editFields({ enhance: false }),
	],
	steps: [
		{
			id: "paint",
			title: "Repaint",
			kind: "inpaint",
			model: { input: "model" },
			inputs: { image: { input: "paintImage" }, mask: { input: "paintMask" }, control: { input: "controlImages" } },
			params: { ...samplingParams(), operation: { input: "operation" }, shapeFidelity: { input: "shapeFidelity" } },
		},
		...finishingSteps({ ...ofRequest, picture: painted }).filter(({ id }) => id === "detect_faces" || id === "restore_faces"),
		{
			id: "composite",
			title: "Put into the original",
			kind: "composite",
			model: { value: "standard" },
			inputs: {
				image: { firstOf: [{ step: "restore_faces", output: "image" }, painted] },
				original: { input: "image" },
				mask: { input: "mask" },
			},
			params: { window: { input: "window" } },
		},
		{
			id: "upscale",
			title: "Upscale 4x",
			kind: "upscale",
			model: { input: "upscaleModel" },
			optional: true,
			wantedBy: "upscale",
			inputs: { image: edited },
		},
		encodeStep({ firstOf: [{ step: "upscale", output: "image" }, edited] }),
	],
	result: { step: "encode", output: "image" },
	/** The picture as it was given. */
	original: { input: "source" },
});
