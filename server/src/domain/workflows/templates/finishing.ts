import type { Reference } from "../workflow.ts";

/** The picture as it was drawn, before it is finished: always kept. */
export const drawn: Reference = { step: "generate", output: "image" };

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

/** What finishing steps refer to: names of the request's fields, and what they begin with. */
export interface Finishing {
	picture: Reference;
	restoreFaces: string;
	faceRestorer: string;
	faceFidelity: string;
	upscale: string;
	upscaleModel: Reference;
}

/** By the names that requests to draw and to edit have in the domain. */
export const ofRequest: Finishing = {
	picture: drawn,
	restoreFaces: "restoreFaces",
	faceRestorer: "faceRestorer",
	faceFidelity: "faceFidelity",
	upscale: "upscale",
	upscaleModel: { input: "upscaleModel" },
};

/** The same by the names that workflows with values of their own give their inputs. */
export function finishingOf(picture: Reference): Finishing {
	return { ...ofRequest, picture, restoreFaces: "restore_faces", faceRestorer: "face_restorer", faceFidelity: "face_fidelity" };
}

/** Faces, upscaling, encoding, each as far as the request wants it. */
export function finishingSteps({ picture, restoreFaces, faceRestorer, faceFidelity, upscale, upscaleModel }: Finishing = ofRequest) {
	const restored: Reference = { firstOf: [{ step: "restore_faces", output: "image" }, picture] };
	return [
		{
			id: "detect_faces",
			title: "Detect faces",
			kind: "detect_faces",
			model: { value: "blazeface" },
			optional: true,
			wantedBy: restoreFaces,
			inputs: { image: picture },
		},
		{
			id: "restore_faces",
			title: "Restore faces",
			kind: "restore_faces",
			model: { input: faceRestorer },
			optional: true,
			wantedBy: restoreFaces,
			onlyIf: { positive: { step: "detect_faces", output: "faceCount" }, otherwise: "no_faces" },
			inputs: { image: picture },
			params: { faces: { step: "detect_faces", output: "faces" }, fidelity: { input: faceFidelity } },
		},
		{
			id: "upscale",
			title: "Upscale 4x",
			kind: "upscale",
			model: upscaleModel,
			optional: true,
			wantedBy: upscale,
			inputs: { image: restored },
		},
		encodeStep({ firstOf: [{ step: "upscale", output: "image" }, restored] }),
	];
}

/** The last step of every workflow: no metadata, the format that was asked for. */
export function encodeStep(image: Reference) {
	return {
		id: "encode",
		title: "Encode",
		kind: "encode",
		model: { value: "standard" },
		inputs: { image },
		params: { format: { input: "format" }, quality: { input: "quality" }, recipe: { input: "embeddedRecipe" } },
	};
}
