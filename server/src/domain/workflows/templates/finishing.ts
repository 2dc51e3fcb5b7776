import type { Reference } from "../workflow.ts";

/** The picture as it was drawn, before it is finished: always kept. */
export const drawn: Reference = { step: "generate", output: "image" };
const restored: Reference = { firstOf: [{ step: "restore_faces", output: "image" }, drawn] };
const upscaled: Reference = { firstOf: [{ step: "upscale", output: "image" }, restored] };

/** Every setting of a generation request that drawing goes by. */
export function samplingParams(): Record<string, Reference> {
	const said = ["prompt", "negativePrompt", "seed", "steps", "guidance", "widthPx", "heightPx", "style", "strength"];
	const names = [...said, "sampler", "scheduler", "controls", "loras", "hiresFix"];
	return Object.fromEntries(names.map((name) => [name, { input: name }]));
}

/** The request's pictures by role, and those of its ControlNets. */
export function samplingInputs(...roles: string[]): Record<string, Reference> {
	return { ...Object.fromEntries(roles.map((role) => [role, { input: role }])), control: { input: "controlImages" } };
}

/** Faces, upscaling, encoding, each as far as the request wants it. */
export function finishingSteps() {
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
