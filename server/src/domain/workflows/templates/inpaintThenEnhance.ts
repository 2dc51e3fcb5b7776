import { edit } from "../edit.ts";
import { generationInputs } from "../generationInputs.ts";
import type { Workflow } from "../workflow.ts";
import { workflow } from "../workflow.ts";
import { editFields, featherInput } from "./editInputs.ts";

/** An edit that is finished like a picture: faces inside the mask restored, all of it upscaled. */
export const inpaintThenEnhance: Workflow = workflow.parse({
	...edit,
	slug: "inpaint-then-enhance",
	title: "Inpaint, then enhance",
	description:
		"Draws something else where the mask is white, puts it into the untouched original, restores faces there and upscales the whole picture.",
	inputs: [
		...generationInputs(["image", "mask", "prompt"], {
			mask: { description: "White where something else is drawn; the picture's shape." },
			prompt: { description: "What to draw there." },
		}),
		featherInput(4),
		...editFields({ enhance: true }),
	],
});
