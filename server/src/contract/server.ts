import { z } from "zod";
import { roles } from "../domain/people/role.ts";
import { signUps } from "../domain/plans/operatorConfig.ts";
import { timestamp } from "./common.ts";

export const model = z
	.object({
		name: z.string(),
		title: z.string(),
		notice: z.string(),
		available: z.boolean().describe("Some live worker can run it now."),
		default: z.boolean(),
		steps: z.array(z.string()),
		default_steps: z.int(),
		max_steps: z.int(),
		default_side: z.int(),
		min_side: z.int(),
		max_side: z.int(),
		styles: z.array(z.string()),
		price_micro_usd: z.int(),
		takes: z
			.object({
				image: z.boolean().describe("A picture to start from."),
				controls: z.array(
					z.object({
						net: z.string(),
						title: z.string(),
						preprocess: z.boolean().describe("The map can be made from a photograph."),
					}),
				),
				max_controls: z.int().nullable().describe("How many at once; null: any number."),
				loras: z.array(z.object({ name: z.string(), title: z.string() })),
			})
			.describe("What the engines at hand can lay over it."),
		measured: z
			.object({
				since: timestamp
					.nullable()
					.describe("How far back it was measured: a day, or less when more ran than is looked at; null: nothing ran."),
				steps: z.int().describe("That ended since."),
				run_ms: z.number().nullable().describe("Median time of one run, loading the model not counted."),
				load_ms: z.number().nullable().describe("To load the model."),
				wait_p50_ms: z.number().nullable().describe("From ready to started."),
				wait_p95_ms: z.number().nullable(),
				failure_rate: z.number().min(0).max(1).nullable().describe("Failed for good, of all that ended."),
			})
			.describe("Null where nothing was measured. Some seconds old."),
	})
	.meta({ id: "Model" });

export const server = z
	.object({
		name: z.string().describe("What people call it."),
		logo_url: z.string().nullable(),
		colours: z.object({
			accent: z.string().nullable().describe("As #1f6feb; null: the studio's own."),
			on_accent: z.string().nullable().describe("Text on it."),
		}),
		studio_url: z.string().describe("Where people open the studio."),
		api_url: z.string().describe("Where programs reach the API."),
		version: z.string(),
		sign_up: z.enum(signUps).describe("Who lets people in: open: they themselves; invite: an account's admins; closed: the operator."),
		sends_mail: z.boolean().describe("False: what would be mailed is in the server's log."),
	})
	.meta({ id: "Server" });

export const session = z
	.object({
		tenant_id: z.string(),
		plan: z.string(),
		scopes: z.array(z.string()),
		person: z
			.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(roles) })
			.nullable()
			.describe("Who signed in, and what they are in the account; null: a key asks."),
	})
	.meta({ id: "Session" });

export const createSession = z.strictObject({ key: z.string().max(200).describe("An API key.") }).meta({ id: "CreateSession" });

export const modelList = z.object({ data: z.array(model) }).meta({ id: "ModelList" });

export const liveness = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Liveness" });
export const readiness = z
	.object({
		status: z.enum(["ok", "unavailable"]),
		checks: z.record(z.string(), z.string()).describe("Each thing looked at, and how it is."),
	})
	.meta({ id: "Readiness" });
