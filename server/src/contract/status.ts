import { z } from "zod";
import { incidentKinds } from "../domain/status/serviceWatch.ts";
import { timestamp } from "./common.ts";

const uptime = {
	up: z.number().min(0).max(1).nullable().describe("Share of the time in which a server answered; null: nothing is known of it."),
	working: z.number().min(0).max(1).nullable().describe("And in which some worker took work."),
};

export const status = z
	.object({
		as_of: timestamp,
		state: z.enum(["working", "no_workers"]).describe("no_workers: what is asked for waits until one takes work."),
		since: timestamp.describe("When the record begins."),
		uptime: z.array(z.object({ days: z.int(), ...uptime })).describe("The last day, 30 and 90 days; less where the record is younger."),
		days: z.array(z.object({ day: z.string().describe("Of UTC, as 2026-11-25."), ...uptime })).describe("The last 90, today last."),
		incidents: z
			.array(
				z.object({
					kind: z.enum(incidentKinds).describe("down: no server ran, or none reached the database."),
					began_at: timestamp,
					ended_at: timestamp.nullable().describe("Null: it goes on."),
				}),
			)
			.describe("The newest 50 of the last 90 days. What was over within three minutes is none."),
		waits: z
			.array(
				z.object({
					plan: z.string(),
					title: z.string(),
					p50_ms: z.int().nullable().describe("Median, from accepted to begun; null: too few jobs to tell."),
					p90_ms: z.int().nullable(),
					promised_ms: z.int().nullable().describe("What the plan promises at most; null: nothing."),
				}),
			)
			.describe("Measured over the last 24 hours."),
		etas: z
			.array(
				z.object({
					pool: z.string(),
					coverage: z
						.object({ share: z.number().min(0).max(1), outcomes: z.int() })
						.nullable()
						.describe(
							"How often jobs lately ended between p10 and p90, and of how many; 0.8 is what the range aims at. Null until measured.",
						),
				}),
			)
			.describe("How true the ETAs came."),
	})
	.meta({ id: "Status" });
export type StatusBody = z.infer<typeof status>;
