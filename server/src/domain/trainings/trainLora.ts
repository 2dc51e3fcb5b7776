import { type Workflow, workflow } from "../workflows/workflow.ts";
import type { WorkflowRecord } from "../workflows/workflowStore.ts";

const settings = ["captions", "steps", "rank", "learningRate", "batchSize", "sidePx", "samplePrompts"];

/** What a training runs: one step. `jobId` names its course, which another attempt goes on with. */
export const trainLora: Workflow = workflow.parse({
	slug: "train_lora",
	version: 1,
	title: "Train a LoRA",
	description: "Learns a style or a thing from pictures.",
	takes: "training",
	steps: [
		{
			id: "train",
			title: "Train",
			kind: "train_lora",
			model: { input: "model" },
			inputs: { picture: { input: "pictures" } },
			params: { run: { input: "jobId" }, ...Object.fromEntries(settings.map((name) => [name, { input: name }])) },
		},
	],
	result: { step: "train", output: "sample_0" },
	original: { step: "train", output: "sample_0" },
});

export const trainLoraRecord: WorkflowRecord = {
	...{ id: trainLora.slug, tenantId: null, visibility: "everyone", link: null, newest: 1, savedAt: null },
	workflow: trainLora,
};
