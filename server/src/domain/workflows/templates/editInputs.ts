import { generationInputs } from "../generationInputs.ts";

/** Over how many pixels an edit fades into the picture. */
export function featherInput(usualPx: number) {
	return {
		...{ name: "feather", type: "integer", title: "Feather", min: 0, max: 200, default: usualPx, bindings: [] },
		description: "Pixels over which the edit fades into the picture.",
	};
}

/** What every edit may be given besides its picture and what to change. */
export function editFields({ enhance }: { enhance: boolean }) {
	return generationInputs(
		["model", "seed", "steps", "guidance", "restore_faces", "face_restorer", "face_fidelity", "upscale", "format", "quality"],
		{
			model: { description: "Left out: the best one at hand." },
			restore_faces: { default: enhance },
			upscale: { default: enhance },
		},
	);
}
