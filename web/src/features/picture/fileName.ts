import type { Image, Job } from "@glassworks/sdk";

/** Of a download. */
export function fileName(job: Job, image: Image, suffix: string): string {
	const extension = suffix === "" ? (image.media_type?.split("/")[1]?.replace("jpeg", "jpg") ?? "png") : "png";
	return `glassworks-${job.id}-${image.n}${suffix}.${extension}`;
}
