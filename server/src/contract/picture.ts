import { z } from "zod";

export const asset = z
	.object({
		id: z.string(),
		media_type: z.string(),
		width: z.int().describe("Pixels, after orientation was applied."),
		height: z.int(),
		bytes: z.int(),
		created_at: z.string(),
		expires_at: z.string().nullable().describe("When it is deleted; null: it is kept."),
		url: z.string().describe("Signed; expires."),
		thumbnail_url: z.string().describe("The same, small: a WebP for lists. Signed; expires."),
	})
	.meta({ id: "Asset", description: "An uploaded picture: checked, oriented, without metadata." });

export const pictureInput = z
	.union([
		z.strictObject({ asset_id: z.string().max(100).describe("From POST /api/v1/assets.") }),
		z.strictObject({ url: z.url().max(4_096).describe("http or https; fetched by the server. Private networks are refused.") }),
		z.strictObject({ job_id: z.string().max(100), n: z.int().min(0).default(0).describe("Picture of that job.") }),
	])
	.describe("A picture to start from: an uploaded asset, an address, or a picture of an earlier job.");
export type PictureInput = z.infer<typeof pictureInput>;
