import type { CreateEdit } from "../contract/edit.ts";
import type { CreateGeneration } from "../contract/generation.ts";
import type { FinishingRequest, GenerationRequest, KeepingRequest } from "../domain/jobs/generationRequest.ts";
import type { BlobRef } from "../domain/jobs/job.ts";
import { type PicturePorts, readPicture } from "./readPicture.ts";

/** The wire's words into the domain's; pictures it names are fetched, checked and stored. @throws {GlassworksError} as readPicture */
export async function readGeneration(ports: PicturePorts, tenantId: string, body: CreateGeneration): Promise<GenerationRequest> {
	const image = body.image ? await readPicture(ports, tenantId, ["image"], body.image) : null;
	const mask = body.mask ? await readPicture(ports, tenantId, ["mask"], body.mask) : null;
	const controlImages: BlobRef[] = [];
	for (const [at, control] of (body.controls ?? []).entries())
		controlImages.push(await readPicture(ports, tenantId, ["controls", at, "image"], control.image));
	return {
		prompt: body.prompt,
		negativePrompt: body.negative_prompt,
		workflow: body.workflow ?? null,
		model: body.model ?? null,
		count: body.count,
		widthPx: body.width ?? null,
		heightPx: body.height ?? null,
		seed: body.seed ?? null,
		steps: body.steps ?? null,
		guidance: body.guidance ?? null,
		style: body.style ?? null,
		strength: body.strength ?? null,
		image,
		mask,
		controls: (body.controls ?? []).map(({ image: _image, ...control }) => control),
		controlImages,
		loras: body.loras ?? [],
		sampler: body.sampler ?? null,
		scheduler: body.scheduler ?? null,
		hiresFix: body.hires_fix ?? null,
		...readFinishing(body),
	};
}

/** What requests to draw and to change have alike. */
export function readFinishing(body: CreateGeneration | CreateEdit): FinishingRequest {
	return {
		upscale: body.upscale,
		restoreFaces: body.restore_faces,
		faceRestorer: body.face_restorer,
		faceFidelity: body.face_fidelity,
		format: body.format,
		quality: body.quality,
		embedRecipe: body.embed_recipe,
		runAfter: body.run_after === undefined ? null : new Date(body.run_after),
		metadata: body.metadata,
		...readKeeping(body),
	};
}

/** How long the result is kept, and whether an earlier one will do. */
export function readKeeping(body: { delete_after_s?: number | undefined; cache: boolean }): KeepingRequest {
	return { deleteAfterS: body.delete_after_s ?? null, useCache: body.cache };
}
