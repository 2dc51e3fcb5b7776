import { z } from "zod";
import { waitReasons } from "../domain/jobs/queueView.ts";
import { jsonObject, timestamp } from "./common.ts";

const eta = z
	.object({
		p10_ms: z.int(),
		p50_ms: z.int(),
		p90_ms: z.int().describe("Eight of ten jobs end between p10 and p90."),
		method: z.string().describe("How it was made, and whether its range was measured."),
		coverage: z
			.object({ share: z.number().min(0).max(1), outcomes: z.int() })
			.nullable()
			.describe("How often jobs of this pool lately ended between p10 and p90, and of how many; null until measured."),
	})
	.describe("Milliseconds from now until the job ends.");

export const waiting = z
	.object({
		as_of: timestamp.describe("What the place was read from: it is off by at most the tasks that came or went since."),
		pool: z.string(),
		place: z.int().nullable().describe("1 is next. Counts only tasks some live worker could run; null while running or when nobody can."),
		ahead_by_plan: z.record(z.string(), z.int()),
		reason: z
			.object({
				code: z.enum(waitReasons),
				data: jsonObject,
				help: z.object({
					you: z.string().nullable().describe("What would end the wait sooner, for who asked."),
					operator: z.string().nullable().describe("The same, for who runs the platform."),
				}),
			})
			.nullable()
			.describe("Why it is not running now."),
		eta: eta.nullable(),
	})
	.meta({ id: "Waiting" });
