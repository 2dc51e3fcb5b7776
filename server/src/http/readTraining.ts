import type { CreateTraining } from "../contract/training.ts";
import type { TrainingRequest } from "../domain/trainings/training.ts";
import { type PicturePorts, readPicture } from "./readPicture.ts";

/** What a caller asks for, in the domain's words, its pictures fetched or looked up. @throws {GlassworksError} as readPicture */
export async function readTraining(ports: PicturePorts, tenantId: string, body: CreateTraining): Promise<TrainingRequest> {
	const pictures = [];
	for (const [at, { image }] of body.pictures.entries())
		pictures.push(await readPicture(ports, tenantId, ["pictures", at, "image"], image));
	return {
		training: {
			...{
				name: body.name,
				model: body.model,
				pictures,
				captions: body.pictures.map(({ caption }) => captionOf(caption, body.trigger_word)),
			},
			...{ steps: body.steps, rank: body.rank, learningRate: body.learning_rate, batchSize: body.batch_size },
			...{ sidePx: body.side ?? null, samplePrompts: body.sample_prompts },
		},
		seed: body.seed ?? null,
		count: 1,
		runAfter: body.run_after === undefined ? null : new Date(body.run_after),
		metadata: body.metadata,
		deleteAfterS: body.delete_after_s ?? null,
	};
}

function captionOf(caption: string, trigger = ""): string {
	if (caption.includes(trigger)) return caption;
	return caption === "" ? trigger : `${trigger}, ${caption}`;
}
