import type { Json, JsonObject } from "../domain/json.ts";

/** The domain's names of what a request says, and the wire's. */
const wireNames: Record<string, string> = {
	prompt: "prompt",
	negativePrompt: "negative_prompt",
	workflow: "workflow",
	model: "model",
	count: "count",
	widthPx: "width",
	heightPx: "height",
	seed: "seed",
	steps: "steps",
	guidance: "guidance",
	style: "style",
	strength: "strength",
	upscale: "upscale",
	restoreFaces: "restore_faces",
	faceFidelity: "face_fidelity",
	format: "format",
	quality: "quality",
	embedRecipe: "embed_recipe",
};

/** An accepted request in the wire's names. Pictures are described, not linked: their bytes may have come from anywhere. */
export function presentRequest(request: JsonObject): JsonObject {
	const shown: JsonObject = {};
	for (const [name, wire] of Object.entries(wireNames)) shown[wire] = request[name] ?? null;
	for (const role of ["image", "mask"]) shown[role] = presentInput(request[role]);
	return shown;
}

function presentInput(value: Json | undefined): JsonObject | null {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
	return {
		sha256: value.sha256 ?? null,
		media_type: value.mediaType ?? null,
		width: value.widthPx ?? null,
		height: value.heightPx ?? null,
	};
}
