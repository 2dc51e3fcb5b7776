import type { BlobRef, Job } from "../../src/domain/jobs/job.ts";
import type { ClaimedTask, JobDraft, JobStore, TaskDraft, TaskOutcome } from "../../src/domain/jobs/jobStore.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import type { Capability } from "../../src/domain/ports.ts";
import { picture } from "../../src/domain/workflows/picture.ts";
import { needsOf, type Workflow, workflow } from "../../src/domain/workflows/workflow.ts";
import { newId } from "../../src/newId.ts";
import { sql } from "../../src/store/sql.ts";
import type { TestStores } from "./testStores.ts";

export interface Order {
	tenantId?: string;
	workflow?: Workflow;
	/** Only these steps; all of the workflow's when absent. */
	steps?: readonly string[];
	pictures?: number;
	weight?: number;
	/** The bench's own when absent. */
	model?: string;
	plan?: string;
	predictedMs?: number;
	maxAttempts?: number;
	/** Pictures at once; no cap when absent. */
	runningCap?: number;
	runAfter?: Date | null;
	idempotencyKey?: string | null;
}

/** A pool, a model, a worker and a tenant that no other test sees: tags, measured times and backlogs stay apart. */
export interface Workbench {
	pool: string;
	workerId: string;
	tenantId: string;
	capabilities: Capability[];
	draft(order?: Order): JobDraft;
	submit(order?: Order): Promise<Job>;
	claim(slots?: number, capabilities?: readonly Capability[], jobs?: JobStore): Promise<ClaimedTask[]>;
	/** The one task that can be claimed now. */
	claimOne(jobs?: JobStore): Promise<ClaimedTask>;
	newTenant(creditMicroUsd?: number): Promise<string>;
	capability(kind: TaskDraft["kind"]): Capability;
}

/** Every step of a test costs this much. */
export const stepMicroUsd = 100;
/** And takes this long, unless its order says otherwise: what is measured then changes no prediction. */
export const stepMs = 1_000;
/** Draws one picture and does nothing else to it. */
export const drawOnly = ["generate"];

/** Two required steps that run side by side, then a third. */
export const forked: Workflow = workflow.parse({
	slug: "forked",
	version: 1,
	title: "Forked",
	description: "Draws two pictures and encodes the first.",
	steps: [
		{ id: "left", title: "Left", kind: "generate", model: { input: "model" } },
		{ id: "right", title: "Right", kind: "upscale", model: { input: "model" } },
		{
			id: "join",
			title: "Join",
			kind: "encode",
			model: { input: "model" },
			inputs: { image: { step: "left", output: "image" }, other: { step: "right", output: "image" } },
		},
	],
	result: { step: "join", output: "image" },
	original: { step: "left", output: "image" },
});

export async function setUpBench(stores: TestStores): Promise<Workbench> {
	const pool = newId("pool");
	const model = newId("model");
	const capability = (kind: TaskDraft["kind"]): Capability => `${kind}:${model}`;
	const capabilities = (["generate", "detect_faces", "restore_faces", "upscale", "encode"] as const).map(capability);
	await stores.database.query(sql`insert into pools (id) values (${pool})`);
	const { id: workerId } = await stores.workers.create({
		id: newId("wrk"),
		name: "bench",
		kind: "remote",
		pools: [pool],
		allowed: null,
		tokenHash: newId("hash"),
	});
	await stores.workers.seen(workerId, { capabilities, loadedModel: null, slots: 1 });
	const newTenant = async (creditMicroUsd = 1_000_000) => {
		const id = newId("ten");
		await stores.accounts.createTenant({ id, name: id, plan: "starter", postpaid: false });
		await stores.accounts.addCredit(id, creditMicroUsd, "test");
		return id;
	};
	const tenantId = await newTenant();
	const draft = (order: Order = {}) => draftJob({ tenantId, pool, model, ...order });
	const claim: Workbench["claim"] = (slots = 1, wanted = capabilities, jobs = stores.jobs) =>
		jobs.claim({ workerId, pool, capabilities: wanted, loadedModel: null, slots });
	return {
		pool,
		workerId,
		tenantId,
		capabilities,
		draft,
		async submit(order) {
			const job = await stores.jobs.submit(draft(order));
			if (!job) throw new Error("the quota moved, though none is drawn on");
			return job;
		},
		claim,
		async claimOne(jobs) {
			const [task] = await claim(1, capabilities, jobs);
			if (!task) throw new Error("nothing could be claimed");
			return task;
		},
		newTenant,
		capability,
	};
}

function draftJob(order: Order & { tenantId: string; pool: string; model: string }): JobDraft {
	const { tenantId, pool, model, workflow = picture, steps, pictures = 1, predictedMs = stepMs, maxAttempts = 3 } = order;
	const chosen = workflow.steps.filter((step) => !steps || steps.includes(step.id));
	const tasks = chosen.map(
		(step): TaskDraft => ({
			stepId: step.id,
			kind: step.kind,
			model,
			capability: `${step.kind}:${model}`,
			pool,
			optional: step.optional,
			needs: needsOf(step).filter((need) => chosen.some((other) => other.id === need)),
			predictedMs,
			listMicroUsd: stepMicroUsd,
			priceMicroUsd: stepMicroUsd,
			quotaUnits: [],
			maxAttempts,
			skip: null,
		}),
	);
	return {
		id: newId("job"),
		tenantId,
		keyId: null,
		workflow: workflow.slug,
		workflowVersion: workflow.version,
		model,
		request: { prompt: "a lighthouse", model },
		metadata: {},
		quote: { lines: [], totalMicroUsd: tasks.length * stepMicroUsd * pictures, skipped: [] },
		weight: order.weight ?? 1,
		plan: order.plan ?? "starter",
		runningCap: order.runningCap ?? null,
		quotas: [],
		runAfter: order.runAfter ?? null,
		runs: Array.from({ length: pictures }, (_, index) => ({ index, seed: index + 1, tasks })),
		idempotencyKey: order.idempotencyKey ?? null,
	};
}

const image: BlobRef = { sha256: "a".repeat(64), mediaType: "image/png", widthPx: 64, heightPx: 64, bytes: 100 };

export const done = (data: JsonObject = {}): TaskOutcome => ({ kind: "succeeded", outputs: { image }, data, ms: stepMs });

export const broke = (retryable: boolean, delayMs = 0): TaskOutcome => ({
	kind: "failed",
	failure: { code: "engine_invalid", message: "It broke." },
	retryable,
	delayMs,
});

/** Works until nothing can be claimed. `outcome` says how each step ends. Returns the steps in the order they ran. */
export async function workOff(
	stores: TestStores,
	bench: Workbench,
	outcome: (claimed: ClaimedTask) => TaskOutcome = () => done({ faceCount: 1 }),
): Promise<string[]> {
	const ran: string[] = [];
	for (;;) {
		const [claimed] = await bench.claim();
		if (!claimed) return ran;
		ran.push(claimed.task.stepId);
		await stores.jobs.finish(claimed.lease, outcome(claimed));
	}
}
