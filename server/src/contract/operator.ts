import { z } from "zod";
import { timestamp } from "./common.ts";
import { capability } from "./worker.ts";

const label = z.string().trim().min(1).max(100);

export const worker = z
	.object({
		id: z.string(),
		name: z.string(),
		kind: z.enum(["local", "remote"]),
		pools: z.array(z.string()),
		allowed: z.array(z.string()).nullable().describe("All it may do; null: anything in its pools."),
		capabilities: z.array(z.string()).describe("What it last said it can run."),
		trouble: z.string().nullable().describe("Why engines of it offer nothing now (stuck, not reached); null: all of them answer."),
		loaded_model: z.string().nullable(),
		slots: z.int(),
		created_at: timestamp,
		last_seen_at: timestamp.nullable(),
		revoked_at: timestamp.nullable(),
		state: z
			.enum(["idle", "busy", "paused", "draining", "drained"])
			.describe("What it does when it lives; paused and drained ones claim nothing, draining ones finish what they run."),
		running: z.int().describe("Steps it holds now."),
	})
	.meta({ id: "Worker" });
export const workerList = z.object({ data: z.array(worker) }).meta({ id: "WorkerList" });

export const createWorker = z
	.strictObject({
		name: label.describe("What to call it."),
		pools: z.array(z.string().max(100)).min(1).max(20).describe("Pools it takes steps from."),
		capabilities: z.array(capability).min(1).max(500).optional().describe("All it may do. Left out: anything in its pools."),
	})
	.meta({ id: "CreateWorker" });
export const createdWorker = z.object({ worker, token: z.string().describe("Shown this once.") }).meta({ id: "CreatedWorker" });

const poolName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);

export const pool = z
	.object({
		id: z.string(),
		paused: z.boolean(),
		dedicated: z
			.object({ tenant: z.string(), base: z.string() })
			.nullable()
			.describe("Whose work alone it takes; null: a pool of the operator's file."),
	})
	.meta({ id: "Pool" });
export const poolList = z.object({ data: z.array(pool) }).meta({ id: "PoolList" });

export const dedicatePool = z
	.strictObject({
		base: z.string().max(100).describe("The pool whose steps it takes over."),
		tenant: z.string().max(100).describe("Id of the account it serves."),
		name: poolName.optional().describe("Workers join by it. Left out: one is made up."),
	})
	.meta({ id: "DedicatePool" });

export const releasePoolQuery = z.object({
	move: z.enum(["true", "false"]).default("false").describe("true: unfinished steps go to the base pool, behind what it owes already."),
});
export const releasedPool = z.object({ moved: z.int().describe("Steps that now stand in the base pool.") }).meta({ id: "ReleasedPool" });

export const changePlan = z.strictObject({ plan: z.string().max(100) }).meta({ id: "ChangePlan" });
export const changedPlan = z
	.object({ tenant: z.string(), plan: z.string(), jobs: z.int().describe("Unfinished jobs that follow the new plan.") })
	.meta({ id: "ChangedPlan" });

export const requeued = z.object({ job: z.string(), steps: z.int().describe("That ran and are in line again.") }).meta({ id: "Requeued" });
