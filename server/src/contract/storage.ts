import { z } from "zod";
import { timestamp } from "./common.ts";

export const deletion = z
	.object({
		id: z.string().describe("Of the job or asset."),
		n: z.int().nullable().describe("Which picture of the job; null: all of them, or an asset."),
		deleted_at: timestamp.describe("From then on nobody gets it any more, by whatever address."),
		bytes: z
			.enum(["removed", "shared", "later"])
			.describe(
				"removed: nothing of it is stored any more. shared: another picture or request of your account has the same bytes; they go with the last. later: the storage did not answer; they go as soon as it does.",
			),
	})
	.meta({ id: "Deletion" });

export const storage = z
	.object({
		data: z.array(
			z.object({
				tenant_id: z.string(),
				pictures: z.int().describe("Stored once however often they are used."),
				bytes: z.int(),
				unreferenced_pictures: z.int().describe("Of these, nothing refers to: on their way in, or out."),
				unreferenced_bytes: z.int(),
			}),
		),
		bytes: z.int().describe("All together."),
	})
	.meta({ id: "StorageUsage" });

export const sweep = z
	.object({
		expired: z.int().describe("Jobs and uploads whose time was up."),
		removed: z.int().describe("Pictures whose bytes were removed."),
		found: z.int().describe("Stored pictures that nobody knew of, and that were not on their way in."),
	})
	.meta({ id: "Sweep" });
