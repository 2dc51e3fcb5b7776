import type { ModelFamily } from "../engines/registry.ts";
import type { KeepingRequest } from "../jobs/generationRequest.ts";
import type { BlobRef, Job } from "../jobs/job.ts";

/** A LoRA's file is larger than any picture; 256 MiB is also what the sidecar takes. */
export const maxLoraBytes = 256 * 1_048_576;

/** A stored file that is no picture. */
export interface FileRef {
	sha256: string;
	mediaType: "application/octet-stream";
	bytes: number;
}

/** What a LoRA is trained with. */
export interface TrainingSettings {
	/** What requests of its tenant will call the LoRA. */
	name: string;
	/** The model it is trained for. */
	model: string;
	/** Already admitted and stored; the caption of each is at the same place in `captions`. */
	pictures: BlobRef[];
	captions: string[];
	/** Training steps, each over `batchSize` pictures. */
	steps: number;
	rank: number;
	learningRate: number;
	batchSize: number;
	/** Pictures are cut to a square of this side; null: the model's own. */
	sidePx: number | null;
	/** Drawn with it halfway and at the end. */
	samplePrompts: string[];
}

/** What a caller asks for. */
export interface TrainingRequest extends KeepingRequest {
	training: TrainingSettings;
	/** Null: random. */
	seed: number | null;
	count: 1;
	runAfter: Date | null;
	metadata: Record<string, string>;
}

/** A tenant's LoRA as steps need it. */
export interface OwnLora {
	name: string;
	family: ModelFamily;
	/** Of its file. */
	sha256: string;
}

/** A training and what came of it. */
export interface Training {
	name: string;
	family: ModelFamily;
	/** Null: there is none, yet or any more. */
	file: FileRef | null;
	/** It is a job: price, place and progress are the job's. */
	job: Job;
}
