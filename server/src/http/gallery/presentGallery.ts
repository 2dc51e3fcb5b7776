import type { z } from "zod";
import type { board, galleryImage } from "../../contract/gallery.ts";
import type { Board, GalleryPicture } from "../../domain/gallery/gallery.ts";
import type { Job } from "../../domain/jobs/job.ts";
import { expiryOf } from "../../domain/storage/retention.ts";
import { imageLink, type Variant } from "../links.ts";
import { pictureOf } from "../pictureOf.ts";
import type { HttpPorts } from "../ports.ts";

/** In their order. One that was deleted since it was listed is left out. */
export async function presentPictures(
	ports: HttpPorts,
	tenantId: string,
	pictures: readonly GalleryPicture[],
): Promise<z.infer<typeof galleryImage>[]> {
	const jobs = new Map((await ports.jobs.getMany(tenantId, [...new Set(pictures.map(({ jobId }) => jobId))])).map((job) => [job.id, job]));
	const shown = await Promise.all(
		pictures.map((picture) => {
			const job = jobs.get(picture.jobId);
			return job ? presentPicture(ports, job, picture) : null;
		}),
	);
	return shown.filter((picture) => picture !== null);
}

async function presentPicture(
	ports: HttpPorts,
	job: Job,
	{ n, madeAt, starred, boards }: GalleryPicture,
): Promise<z.infer<typeof galleryImage> | null> {
	const run = job.runs.find(({ index }) => index === n);
	const workflow = await ports.workflows.exactly(job.workflow, job.workflowVersion);
	const result = run && pictureOf(workflow, job, run, "result");
	if (!run || !result) return null;
	const link = (variant: Variant) => imageLink(ports, job.tenantId, job.id, n, variant);
	return {
		...{ job_id: job.id, n, made_at: madeAt.toISOString() },
		...{ prompt: promptOf(job), model: job.model, seed: run.seed },
		url: link("result"),
		thumbnail_url: link("thumbnail"),
		original_url: pictureOf(workflow, job, run, "original") && link("original"),
		...{ width: result.widthPx, height: result.heightPx, media_type: result.mediaType, bytes: result.bytes },
		...{ starred, boards, expires_at: expiryOf(job)?.toISOString() ?? null },
	};
}

export function promptOf({ request }: Job): string {
	return typeof request.prompt === "string" ? request.prompt : "";
}

export function presentBoard({ id, name, pictures, createdAt }: Board): z.infer<typeof board> {
	return { id, name, pictures, created_at: createdAt.toISOString() };
}
