import { drawingFields, finishingFields, generationInputs } from "../generationInputs.ts";
import { type Reference, type Workflow, workflow } from "../workflow.ts";
import { drawn, finishingOf, finishingSteps } from "./finishing.ts";

/** What each ControlNet of the stack keeps of its picture, with the net for SDXL that ships in the operator's file. */
const stack = [
	{ name: "edges", title: "Edges", net: "sdxl-canny", strength: 0.6 },
	{ name: "depth", title: "Depth", net: "sdxl-depth", strength: 0.5 },
	{ name: "pose", title: "Pose", net: "sdxl-openpose", strength: 0.8 },
];

const inputsOf = ({ name, title, net, strength }: (typeof stack)[number]) => [
	{ name: `${name}_image`, type: "picture", title: `${title}: picture`, bindings: [] },
	{
		name: `${name}_net`,
		type: "text",
		title: `${title}: ControlNet`,
		description: "One of the model's family.",
		default: net,
		bindings: [],
	},
	{ name: `${name}_strength`, type: "number", title: `${title}: strength`, min: 0, max: 2, default: strength, bindings: [] },
];

const controlOf = ({ name }: (typeof stack)[number]): Reference => ({
	fields: { net: { input: `${name}_net` }, strength: { input: `${name}_strength` }, preprocess: { input: "make_maps" } },
});

const plainParams = ["prompt", "negative_prompt", "guidance", "sampler", "scheduler", "steps"] as const;
const paramNames: Record<string, string> = { negative_prompt: "negativePrompt" };

/** Three ControlNets over one drawing: edges, depth and pose. */
export const threeControls: Workflow = workflow.parse({
	slug: "three-controlnets",
	version: 1,
	title: "Three ControlNets",
	description: "Draws from a prompt while keeping the edges, the depth and the pose of three pictures, then finishes the picture.",
	inputs: [
		...generationInputs(drawingFields, {
			model: { default: "sdxl", optional: false, description: "Of the family of the ControlNets." },
		}).filter(({ name }) => name !== "style"),
		...stack.flatMap(inputsOf),
		{
			...{ name: "make_maps", type: "boolean", title: "Make maps from photographs", default: true, bindings: [] },
			description: "Off: the pictures are the maps already.",
		},
		...generationInputs(finishingFields),
	],
	steps: [
		{
			id: "generate",
			title: "Draw",
			kind: "generate",
			model: { input: "model" },
			inputs: { control: { list: stack.map(({ name }) => ({ input: `${name}_image` })) } },
			params: {
				...Object.fromEntries(plainParams.map((name) => [paramNames[name] ?? name, { input: name }])),
				widthPx: { input: "width" },
				heightPx: { input: "height" },
				controls: { list: stack.map(controlOf) },
			},
		},
		...finishingSteps(finishingOf(drawn)),
	],
	result: { step: "encode", output: "image" },
	original: drawn,
});
