import { type Reference, type Workflow, workflow } from "./workflow.ts";

const drawn: Reference = { step: "generate", output: "image" };
const restored: Reference = { firstOf: [{ step: "restore_faces", output: "image" }, drawn] };
const upscaled: Reference = { firstOf: [{ step: "upscale", output: "image" }, restored] };

/** The default: every picture finished. Generate, restore faces when there are any, upscale, strip metadata, encode. */
export const picture: Workflow = workflow.parse({
	slug: "picture",
	version: 1,
	title: "Finished picture",
	description:
		"Generates a picture from a prompt, restores faces when there are any, upscales it four times and encodes it without metadata.",
	steps: [
		{
			id: "generate",
			title: "Generate",
			kind: "generate",
			model: { input: "model" },
			inputs: { image: { input: "image" } },
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
	steps: [
		{
			id: "generate",
			title: "Repaint",
			kind: "inpaint",
			model: { input: "model" },
			inputs: { image: { input: "image" }, mask: { input: "mask" } },
			params: samplingParams(),
		},
		...finishingSteps(),
	],
	result: { step: "encode", output: "image" },
	original: drawn,
});

function samplingParams(): Record<string, Reference> {
	const names = ["prompt", "negativePrompt", "seed", "steps", "guidance", "widthPx", "heightPx", "style", "strength"];
	return Object.fromEntries(names.map((name) => [name, { input: name }]));
}

function finishingSteps() {
	return [
		{
			id: "detect_faces",
			title: "Detect faces",
			kind: "detect_faces",
			model: { value: "blazeface" },
			optional: true,
			wantedBy: "restoreFaces",
			inputs: { image: drawn },
		},
		{
			id: "restore_faces",
			title: "Restore faces",
			kind: "restore_faces",
			model: { value: "gfpgan" },
			optional: true,
			wantedBy: "restoreFaces",
			onlyIf: { positive: { step: "detect_faces", output: "faceCount" }, otherwise: "no_faces" },
			inputs: { image: drawn },
			params: { faces: { step: "detect_faces", output: "faces" }, fidelity: { input: "faceFidelity" } },
		},
		{
			id: "upscale",
			title: "Upscale 4x",
			kind: "upscale",
			model: { input: "upscaleModel" },
			optional: true,
			wantedBy: "upscale",
			inputs: { image: restored },
		},
		{
			id: "encode",
			title: "Encode",
			kind: "encode",
			model: { value: "standard" },
			inputs: { image: upscaled },
			params: { format: { input: "format" }, quality: { input: "quality" }, recipe: { input: "embeddedRecipe" } },
		},
	];
}

/** Every workflow that ships. Users' own live in the database (a later issue). */
export const shippedWorkflows: readonly Workflow[] = [picture, inpaint];
