import { z } from "zod";
import { timestamp } from "./common.ts";

const depth = {
	ready: z.int().describe("Steps in line, capped and unrunnable ones included."),
	running: z.int(),
	capped: z.int().describe("In line, but their accounts already make as many pictures at once as their plans allow."),
	unrunnable: z.int().describe("In line, but no worker that takes work can run them."),
};

const workerView = z
	.object({
		label: z.string().describe("The same while the worker lives; it tells nothing about the machine."),
		state: z
			.enum(["idle", "busy", "paused", "draining", "drained"])
			.describe("drained: told to take nothing more, and holds nothing any more."),
		slots: z.int().describe("Steps it runs at once."),
		loaded_model: z.string().nullable(),
		running: z.array(z.object({ capability: z.string().describe("kind:model"), progress: z.number(), elapsed_ms: z.number() })),
	})
	.meta({ id: "QueueWorker" });

const queuePool = z
	.object({
		pool: z.string().describe("A dedicated pool has a made-up name here."),
		base: z.string().describe("The pool of the operator's file whose steps it runs."),
		dedicated: z.boolean().describe("Serves one account."),
		paused: z.boolean(),
		...depth,
		models: z.array(
			z.object({
				model: z.string(),
				...depth,
				capable_workers: z.int().describe("That take work and can run it."),
				loaded_on: z.int().describe("Of them, with the model in memory."),
			}),
		),
		plans: z.array(z.object({ plan: z.string(), ...depth })),
		missing: z
			.array(z.object({ capability: z.string(), waiting: z.int() }))
			.describe("What would have to be there for the unrunnable steps."),
		workers: z.int().describe("Live ones."),
		fleet: z.array(workerView),
		done_per_minute: z.object({ last_5_minutes: z.number(), last_60_minutes: z.number() }),
		oldest_wait_ms: z.number().nullable().describe("Of the steps that could be started now; null: none waits."),
		shed_last_hour: z.int().describe("Optional steps left out, told and refunded because too much waited."),
		wanted_workers: z.object({ workers: z.int(), reasoning: z.array(z.string()).describe("Which number asks for how many.") }),
		warnings: z.array(z.object({ code: z.enum(["lone_worker", "no_workers", "unrunnable", "paused"]), message: z.string() })),
	})
	.meta({ id: "QueuePool" });

export const queue = z.object({ as_of: timestamp, pools: z.array(queuePool) }).meta({ id: "Queue" });
export type QueueBody = z.infer<typeof queue>;
