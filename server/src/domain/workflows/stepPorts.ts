import type { OperatorConfig } from "../plans/operatorConfig.ts";
import type { StepKind } from "../ports.ts";

/** What goes into steps of a kind besides parameters, and what comes out, by role. */
export interface StepPort {
	/** Pictures that it cannot run without. */
	required: readonly string[];
	optional: readonly string[];
	/** Pictures and facts that later steps may refer to. */
	outputs: readonly string[];
}

const image = ["image"];

export const stepPorts: Record<StepKind, StepPort> = {
	generate: { required: [], optional: ["image", "control"], outputs: image },
	inpaint: { required: ["image", "mask"], optional: ["control"], outputs: image },
	graph: { required: [], optional: [], outputs: image },
	detect_faces: { required: image, optional: [], outputs: ["faces", "faceCount"] },
	restore_faces: { required: image, optional: [], outputs: image },
	upscale: { required: image, optional: [], outputs: image },
	composite: { required: ["image", "original", "mask"], optional: [], outputs: image },
	resize: { required: image, optional: [], outputs: image },
	encode: { required: image, optional: [], outputs: image },
	send_email: { required: [], optional: image, outputs: ["accepted"] },
	train_lora: { required: [], optional: ["picture"], outputs: ["sample_0"] },
};

/** Parameters that a step may leave open: the model's own size and steps, and the run's seed, are then taken. */
export const openParams = ["widthPx", "heightPx", "steps", "seed"] as const;

/** Networks that restore faces. Which of them are at hand, workers tell. */
export const faceRestorers = ["gfpgan", "codeformer"] as const;
export type FaceRestorer = (typeof faceRestorers)[number];

/** Models that steps of a kind may name; null: any. */
export function modelsFor(kind: StepKind, { models, upscaleModels, upscalers }: OperatorConfig): string[] | null {
	switch (kind) {
		case "generate":
		case "inpaint":
			return models.filter(({ steps }) => steps.includes(kind)).map(({ name }) => name);
		case "upscale":
			return [...new Set([...Object.values(upscaleModels), ...upscalers.map(({ name }) => name)])];
		case "graph":
			return ["comfyui"];
		case "detect_faces":
			return ["blazeface"];
		case "restore_faces":
			return [...faceRestorers];
		case "send_email":
			return null;
		default:
			return ["standard"];
	}
}
