import type { Lease } from "../../src/domain/jobs/jobStore.ts";
import type { Steering } from "../../src/domain/jobs/steering.ts";
import type { Capability } from "../../src/domain/ports.ts";
import { newId } from "../../src/newId.ts";
import { createSteering } from "../../src/store/postgres/steer.ts";
import { sql } from "../../src/store/sql.ts";
import type { TestStores } from "../support/testStores.ts";
import { broke, done, setUpBench, type Workbench } from "../support/workbench.ts";
import { type Event, pick, type Terms } from "./histories.ts";
import { LineModel, type ModelStep, type Picture } from "./lineModel.ts";

/** What a line looks like from outside. */
export interface LineState {
	/** In order: job, picture, tag, whether it can be claimed. */
	ready: [jobId: string, index: number, tag: number, claimable: boolean][];
	/** V by capability, in the order of `capabilities`. */
	virtualTimes: number[];
	lastTags: Record<string, number>;
}

type Of<D extends Event["do"]> = Extract<Event, { do: D }>;
type ClaimedRow = Lease & { jobId: string; index: number; capability: string };

/** The same pool twice: in a database and as the pure model. Every event happens to both. */
export class TwoLines {
	readonly bench: Workbench;
	/** Two models that draw, and what encodes. */
	readonly capabilities: Capability[];
	/** What each claim gave out, in both, and what it gave a worker that cannot run it. */
	readonly claims = { database: [] as string[], model: [] as string[], wrong: [] as string[] };
	private readonly stores: TestStores;
	private readonly steering: Steering;
	private readonly model = new LineModel();
	private jobs: { id: string; tenant: string }[] = [];
	private held: { lease: Lease; picture: Picture }[] = [];

	constructor(stores: TestStores, bench: Workbench) {
		this.stores = stores;
		this.bench = bench;
		this.steering = createSteering(stores.database);
		this.capabilities = [bench.capability("generate"), `generate:${newId("model")}`, bench.capability("encode")];
	}

	static async open(stores: TestStores, tenants: readonly Terms[]): Promise<TwoLines> {
		const lines = new TwoLines(stores, await setUpBench(stores));
		const { bench, capabilities, model } = lines;
		await stores.workers.seen(bench.workerId, { capabilities, loadedModel: null, slots: 1 });
		for (const terms of tenants) model.addTenant(await bench.newTenant(), terms);
		return lines;
	}

	async happen(event: Event): Promise<void> {
		if (event.do === "submit") await this.submit(event);
		else if (event.do === "release") await this.release(event);
		else if (event.do === "claim") await this.claim(event);
		else if (event.do === "finish") await this.finish(event);
		else if (event.do === "cancel") await this.cancel(event);
		else if (event.do === "toFront") await this.moveToFront(event);
		else if (event.do === "changePlan") await this.changePlan(event);
	}

	private tenantAt(number: number): string {
		return pick([...this.model.tenants.keys()], number) ?? "";
	}

	private async submit({ tenant: number, pictures, kind, predictedMs, later }: Of<"submit">): Promise<void> {
		const tenant = this.tenantAt(number);
		const [one = "", other = "", encode = ""] = this.capabilities;
		const draws = { capability: kind % 2 === 0 ? one : other, predictedMs };
		const steps = kind % 3 === 2 ? [draws, { capability: encode, predictedMs: 1 + (predictedMs % 700) }] : [draws];
		const id = await this.submitDraft({ tenant, pictures, steps, later });
		this.jobs.push({ id, tenant });
		this.model.submit({ jobId: id, tenant, pictures, steps, later });
	}

	private async submitDraft(order: { tenant: string; pictures: number; steps: readonly ModelStep[]; later: boolean }): Promise<string> {
		const { weight, cap } = this.model.tenant(order.tenant);
		const { tenant: tenantId, pictures, steps } = order;
		const runAfter = order.later ? new Date(Date.now() + 3_600_000) : null;
		const stepIds = ["generate", "encode"].slice(0, steps.length);
		const draft = this.bench.draft({ tenantId, pictures, weight, runAfter, maxAttempts: 100, steps: stepIds });
		for (const [index, task] of (draft.runs[0]?.tasks ?? []).entries()) {
			const step = steps[index];
			if (step) Object.assign(task, { ...step, model: step.capability.replace(/^[a-z]+:/, "") });
		}
		const job = await this.stores.jobs.submit({ ...draft, runningCap: cap });
		if (!job) throw new Error("the quota moved, though none is drawn on");
		return job.id;
	}

	private async release({ job: number }: Of<"release">): Promise<void> {
		const scheduled = this.model.pictures.filter((picture) => picture.state === "scheduled").map((picture) => picture.jobId);
		const jobId = pick([...new Set(scheduled)], number);
		if (!jobId) return;
		const { database, jobs } = this.stores;
		await database.query(sql`update jobs set run_after = clock_timestamp() - interval '1 second' where id = ${jobId}`);
		await jobs.housekeep();
		this.model.release(jobId);
	}

	/** The order itself: which of its capabilities a worker asks for is placement's business. */
	private async claim({ worker, atMost }: Of<"claim">): Promise<void> {
		const wanted = this.capabilities.filter((_, index) => ((worker % 7) + 1) & (1 << index));
		const { workerId, pool } = this.bench;
		const rows =
			await this.stores.database.query<ClaimedRow>(sql`select (c.task).id as "taskId", (c.task).attempt, ${workerId} as "workerId",
				(c.task).job_id as "jobId", (c.task).run_index as index, (c.task).capability
			from claim_tasks(${workerId}, ${pool}, ${wanted}::text[], ${atMost}, 600000, null) c`);
		const taken = this.model.claim(wanted, atMost);
		this.claims.database.push(...rows.map((row) => `${row.jobId} ${row.index}`));
		this.claims.model.push(...taken.map((picture) => `${picture.jobId} ${picture.index}`));
		this.claims.wrong.push(...rows.map((row) => row.capability).filter((capability) => !wanted.some((known) => known === capability)));
		rows.forEach(({ taskId, attempt }, index) => {
			const picture = taken[index];
			if (picture) this.held.push({ lease: { taskId, attempt, workerId }, picture });
		});
	}

	private async finish({ running, outcome }: Of<"finish">): Promise<void> {
		const one = pick(this.held, running);
		if (!one) return;
		this.held = this.held.filter((other) => other !== one);
		await this.stores.jobs.finish(one.lease, outcome === "done" ? done() : broke(outcome === "retry"));
		this.model.finish(one.picture, outcome);
	}

	private async cancel({ job: number }: Of<"cancel">): Promise<void> {
		const job = pick(this.jobs, number);
		if (!job) return;
		this.jobs = this.jobs.filter((other) => other !== job);
		this.held = this.held.filter(({ picture }) => picture.jobId !== job.id);
		await this.stores.jobs.cancel(job.tenant, job.id).catch(allowConflict);
		this.model.cancel(job.id);
	}

	private async moveToFront({ job: number }: Of<"toFront">): Promise<void> {
		const job = pick(this.jobs, number);
		if (!job) return;
		await this.steering.moveToFront(job.tenant, job.id).catch(allowConflict);
		this.model.toFront(job.id);
	}

	private async changePlan({ tenant: number, terms }: Of<"changePlan">): Promise<void> {
		const tenant = this.tenantAt(number);
		await this.steering.changePlan(tenant, { plan: `weight ${terms.weight}`, weight: terms.weight, runningCap: terms.cap });
		this.model.changePlan(tenant, terms);
	}

	async ofDatabase(): Promise<LineState> {
		const { pool } = this.bench;
		const [state] = await this.stores.database.query<LineState>(sql`select
			(select coalesce(jsonb_agg(jsonb_build_array(job_id, run_index, order_key, claimable) order by order_key, id), '[]')
				from tasks where pool = ${pool} and status = 'ready') as ready,
			(select jsonb_agg(virtual_time(${pool}, c) order by place)
				from unnest(${this.capabilities}::text[]) with ordinality as w(c, place)) as "virtualTimes",
			(select coalesce(jsonb_object_agg(tenant_id || ' ' || capability, last_key), '{}') from line_tags where pool = ${pool} and last_key > 0) as "lastTags"`);
		if (!state) throw new Error("the database answered nothing");
		return state;
	}

	ofModel(): LineState {
		const lastTags = [...this.model.tenants].flatMap(([name, tenant]) =>
			[...tenant.lastTags].map(([capability, lastTag]) => [`${name} ${capability}`, lastTag] as const),
		);
		return {
			ready: this.model.ready().map(({ jobId, index, tag, claimable }) => [jobId, index, tag, claimable]),
			virtualTimes: this.capabilities.map((capability) => this.model.virtualTime(capability)),
			lastTags: Object.fromEntries(lastTags.filter(([, lastTag]) => lastTag > 0)),
		};
	}
}

/** The job had ended, or nothing of it waits: both lines stay as they are. */
const allowConflict = (error: { status?: unknown }) => {
	if (error.status !== 409) throw error;
};
