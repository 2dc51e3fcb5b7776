import type { Json, JsonObject } from "../domain/json.ts";
import { generationFields } from "../domain/workflows/generationInputs.ts";

/** An accepted request in the wire's names. Pictures are described, not linked: their bytes may have come from anywhere. */
export function presentRequest(request: JsonObject): JsonObject {
	const { workflow = null, count = null, embedRecipe = null, values } = request;
	const common = { workflow, count, seed: request.seed ?? null, embed_recipe: embedRecipe };
	if (Array.isArray(values)) return { ...common, inputs: Object.fromEntries(values.map((name) => [name, present(request[String(name)])])) };
	const fields = Object.entries(generationFields).map(([wire, name]) => [wire, present(request[name])]);
	const { controls, controlImages, loras = [], hiresFix = null } = request;
	const edit = request.operation === undefined ? {} : presentEdit(request);
	return {
		...common,
		...edit,
		...Object.fromEntries(fields),
		controls: presentControls(controls, controlImages),
		loras,
		hires_fix: hiresFix,
	};
}

/** What only edits have. `window`: the part of the picture that the model was shown. */
function presentEdit({ operation = null, shapeFidelity = null, window = null, paintImage, source }: JsonObject): JsonObject {
	return { operation, shape_fidelity: shapeFidelity, window, painted: present(paintImage), source: present(source) };
}

function presentControls(controls: Json | undefined, images: Json | undefined): Json[] {
	if (!Array.isArray(controls)) return [];
	return controls.map((control, at) => ({ ...(control as JsonObject), image: present(Array.isArray(images) ? images[at] : null) }));
}

function present(value: Json | undefined): Json {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? null;
	return {
		sha256: value.sha256 ?? null,
		media_type: value.mediaType ?? null,
		width: value.widthPx ?? null,
		height: value.heightPx ?? null,
	};
}
