import { z } from "zod";
import { pageQuery, timestamp } from "./common.ts";
import { image } from "./job.ts";

const id = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const maxPictures = 500;

export const galleryQuery = pageQuery.extend({
	q: z.string().max(200).optional().describe("Words of the prompt, all of them; each may be only the beginning of one."),
	starred: z.enum(["true", "false"]).optional().describe("Only those with a star, or only those without."),
	board: id.optional().describe("Only those on this board."),
	model: z.string().max(100).optional().describe("Only those it drew."),
});

const { n, seed, url, thumbnail_url, original_url, width, height, media_type, bytes, starred, expires_at } = image.shape;
export const galleryImage = z
	.object({
		...{ job_id: z.string(), n },
		made_at: timestamp,
		...{ prompt: z.string(), model: z.string(), seed, url, thumbnail_url, original_url, width, height, media_type, bytes, starred },
		boards: z.array(z.string()).describe("Ids of the boards it is on."),
		expires_at,
	})
	.meta({ id: "GalleryImage", description: "A finished picture. GET /api/v1/jobs/{job_id} has its whole recipe." });
export const galleryPage = z.object({ data: z.array(galleryImage), next: z.string().nullable() }).meta({ id: "GalleryPage" });

const pictures = z
	.array(z.strictObject({ job_id: id, n: z.int().min(0).max(99) }))
	.min(1)
	.max(maxPictures);

export const changeImages = z
	.strictObject({
		pictures,
		starred: z.boolean().optional().describe("Give them a star, or take it away."),
		add_to_board: id.optional(),
		remove_from_board: id.optional(),
	})
	.refine(({ pictures: _pictures, ...changes }) => Object.values(changes).some((change) => change !== undefined), {
		message: "at least one of starred, add_to_board and remove_from_board is required",
	})
	.meta({ id: "ChangeImages" });

export const zipImages = z.strictObject({ pictures }).meta({ id: "ZipImages" });

export const board = z
	.object({ id: z.string(), name: z.string(), pictures: z.int().describe("How many are on it."), created_at: timestamp })
	.meta({ id: "Board" });
export const boardList = z.object({ data: z.array(board) }).meta({ id: "BoardList" });
export const nameBoard = z.strictObject({ name: z.string().trim().min(1).max(100) }).meta({ id: "NameBoard" });
