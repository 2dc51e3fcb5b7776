import { noTraits } from "../../src/domain/engines/traits.ts";
import type { Job } from "../../src/domain/jobs/job.ts";
import { endedJobStatuses } from "../../src/domain/jobs/job.ts";
import type { ClaimedTask, TaskOutcome } from "../../src/domain/jobs/jobStore.ts";
import { submitJob } from "../../src/domain/jobs/submitJob.ts";
import type { OperatorConfig, Principal } from "../../src/domain/plans/operatorConfig.ts";
import type { Capability } from "../../src/domain/ports.ts";
import type { Workflow } from "../../src/domain/workflows/workflow.ts";
import { newId } from "../../src/newId.ts";
import { openStores, type Stores } from "../../src/store/openStores.ts";
import type { Database } from "../../src/store/sql.ts";
import { Crash, type CrashingDatabase, type CrashPoint, crashing } from "./crashingDatabase.ts";
import { ask, submitPorts } from "./fluxShop.ts";

/** One request, and after how many finished steps it is cancelled; null: never. */
export interface Order {
	workflow: string;
	count: number;
	cancelAfter: number | null;
}

export interface Trouble {
	crashes: readonly CrashPoint[];
	/** How attempts end, one after the other, over and over. */
	outcomes: readonly TaskOutcome[];
}

/** Far more rounds of work than any order here needs. */
const mostSteps = 500;

/** A platform that dies and comes back: a client that repeats its requests, a worker, and the chores of every second. */
export class CrashingShop {
	readonly #database: CrashingDatabase;
	readonly #open: (database: Database) => Promise<Stores>;
	readonly #shop: OperatorConfig;
	readonly #workflows: readonly Workflow[];
	readonly #pool: string;
	#stores: Stores | null = null;
	#workerId = "";
	#crashes: CrashPoint[] = [];
	/** Crashes that happened. */
	crashed = 0;

	constructor(database: Database, shop: OperatorConfig, workflows: readonly Workflow[]) {
		this.#database = crashing(database);
		this.#shop = shop;
		this.#workflows = workflows;
		this.#pool = Object.keys(shop.pools)[0] ?? "";
		this.#open = (over) => openStores(over, { workflows, leaseMs: 600_000, liveForMs: 600_000, pools: [this.#pool] });
	}

	/** Sends every order, works until all have ended, and returns the jobs. Only what the platform has on disk survives a crash. */
	async run(principal: Principal, orders: readonly Order[], { crashes, outcomes }: Trouble): Promise<Job[]> {
		this.#crashes = [...crashes];
		this.#database.plan(this.#crashes.shift() ?? null);
		const keys = orders.map(() => newId("key"));
		const jobs: string[] = [];
		for (const [index, order] of orders.entries())
			jobs.push(await this.#surely((stores) => this.#submit(stores, principal, order, keys[index] ?? "")));
		for (let step = 0; ; step++) {
			const open = await this.#surely((stores) => this.#isAnyOpen(stores, principal, jobs));
			if (!open) break;
			if (step > mostSteps) throw new Error("the jobs do not end");
			for (const [index, order] of orders.entries())
				if (order.cancelAfter === step) await this.#surely((stores) => cancel(stores, principal, jobs[index] ?? ""));
			await this.#surely((stores) => this.#work(stores, outcomes[step % outcomes.length]));
			await this.#surely((stores) => stores.jobs.housekeep());
		}
		this.#database.plan(null);
		return this.#surely((stores) => Promise.all(jobs.map((id) => stores.jobs.get(principal.tenantId, id))));
	}

	/** Tries again, with a new life, until it worked. */
	async #surely<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
		for (;;) {
			try {
				this.#stores ??= await this.#start();
				return await work(this.#stores);
			} catch (error) {
				if (!(error instanceof Crash)) throw error;
				this.crashed++;
				this.#stores = null;
				this.#database.plan(this.#crashes.shift() ?? null);
			}
		}
	}

	/** As app.ts starts: what an earlier life left open is ended first. */
	async #start(): Promise<Stores> {
		const stores = await this.#open(this.#database);
		await stores.forgetEarlierLife();
		const { id } = await stores.workers.create({
			...{ id: newId("wrk"), name: "worker", kind: "local", pools: [this.#pool], allowed: null, tokenHash: newId("hash") },
		});
		const traits = { "generate:flux": { ...noTraits, imageToImage: true } };
		await stores.workers.seen(id, { capabilities: this.#capabilities(), traits, loadedModel: null, slots: 1 });
		this.#workerId = id;
		return stores;
	}

	#capabilities(): Capability[] {
		const steps = this.#workflows.flatMap((workflow) => workflow.steps);
		const modelOf = ({ kind, model }: (typeof steps)[number]) =>
			"value" in model ? String(model.value) : kind === "restore_faces" ? "gfpgan" : "flux";
		return [...new Set(steps.map((step): Capability => `${step.kind}:${modelOf(step)}`))];
	}

	/** As the HTTP door does it: the key is reserved, and a repeat is answered with the job that was made. */
	async #submit(stores: Stores, principal: Principal, order: Order, key: string): Promise<string> {
		const replay = await stores.idempotency.begin(principal.tenantId, key, "body");
		if (replay.kind === "accepted") return replay.jobId;
		const ports = submitPorts(stores, this.#shop);
		const request = ask({ workflow: order.workflow, count: order.count, restoreFaces: true, upscale: true });
		return (await submitJob(ports, principal, request, key)).id;
	}

	async #isAnyOpen(stores: Stores, { tenantId }: Principal, jobs: readonly string[]): Promise<boolean> {
		const { jobs: all } = await stores.jobs.list(tenantId, { limit: 100, before: null, status: null });
		const open = all.filter((job) => !endedJobStatuses.includes(job.status));
		return open.some((job) => jobs.includes(job.id));
	}

	async #work(stores: Stores, outcome: TaskOutcome | undefined): Promise<void> {
		const request = { workerId: this.#workerId, pool: this.#pool, capabilities: this.#capabilities(), loadedModel: null, slots: 2 };
		const claimed = await stores.jobs.claim(request);
		for (const task of claimed) await finish(stores, task, outcome);
	}
}

async function finish(stores: Stores, { lease }: ClaimedTask, outcome: TaskOutcome | undefined): Promise<void> {
	if (!outcome) throw new Error("a step has no outcome");
	await stores.jobs.finish(lease, outcome).catch((error: { code?: string }) => {
		// Beside a step that failed for good: its picture is gone.
		if (error.code !== "lease_lost") throw error;
	});
}

async function cancel(stores: Stores, { tenantId }: Principal, jobId: string): Promise<void> {
	await stores.jobs.cancel(tenantId, jobId).catch((error: { code?: string }) => {
		if (error.code !== "job_not_cancellable") throw error;
	});
}
