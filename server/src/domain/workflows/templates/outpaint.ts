import { edit } from "../edit.ts";
import { generationInputs } from "../generationInputs.ts";
import type { Workflow } from "../workflow.ts";
import { workflow } from "../workflow.ts";
import { editFields, featherInput } from "./editInputs.ts";

const side = (name: string, title: string) => ({
	...{ name, type: "integer", title, description: "Pixels to add.", min: 0, max: 4_096, default: 0, bindings: [] },
});

/** A picture with more around it. */
export const outpaint: Workflow = workflow.parse({
	...edit,
	slug: "outpaint",
	title: "Outpaint",
	description: "Enlarges a picture on the sides that are asked for and draws what could be there. What was there stays as it was.",
	inputs: [
		...generationInputs(["image", "prompt"], { prompt: { default: "", description: "What to draw around it; empty: what fits." } }),
		...[side("left", "Left"), side("top", "Top"), side("right", "Right"), side("bottom", "Bottom")],
		featherInput(16),
		...editFields({ enhance: false }),
	],
});
