import type { ApiGraph } from "../../engines/apiGraph.ts";
import type { JsonObject } from "../../json.ts";
import { bindingsOf, type ExposedInput } from "../comfy/exposedInput.ts";
import { finishingFields, generationInputs } from "../generationInputs.ts";
import type { Reference } from "../workflow.ts";
import { encodeStep, finishingOf, finishingSteps } from "./finishing.ts";

const drawn: Reference = { step: "graph", output: "image" };

/** Names that finishing a graph's picture uses for inputs of its own. */
export const finishingNames: readonly string[] = finishingFields;

/** A ComfyUI graph as a workflow: it draws, and what it drew is finished like any other picture where `finish` is true. */
export function graphWorkflow(graph: ApiGraph, inputs: readonly ExposedInput[], finish: boolean) {
	const pictures = inputs.filter((input) => input.type === "picture").map(({ name }) => [name, { input: name }]);
	const values = inputs.filter((input) => input.type !== "picture").map(({ name }) => [name, { input: name }]);
	const step = {
		id: "graph",
		title: "ComfyUI graph",
		kind: "graph",
		model: { value: "comfyui" },
		inputs: Object.fromEntries(pictures),
		params: {
			graph: { value: graph as unknown as JsonObject },
			bindings: { value: bindingsOf(inputs) },
			values: { fields: Object.fromEntries(values) },
		},
	};
	const ours = generationInputs(finish ? finishingFields : ["format", "quality"]);
	return {
		inputs: [...inputs.map((input) => ({ ...input, optional: false })), ...ours],
		steps: [step, ...(finish ? finishingSteps(finishingOf(drawn)) : [encodeStep(drawn)])],
		result: { step: "encode", output: "image" },
		original: drawn,
	};
}
