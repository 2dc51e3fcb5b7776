import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { JobStore } from "../domain/jobs/jobStore.ts";
import type { QueueSnapshot } from "../domain/jobs/queueSnapshot.ts";
import type { EndedStep } from "../domain/jobs/stepCounts.ts";
import type { WebhookStats } from "../domain/webhooks/webhookStore.ts";

/** What Prometheus is told. Labels are names of pools, models, plans and codes: never a tenant, a job or a worker. */
export interface Metrics {
	/** Of this process: steps it handed to workers. */
	countClaims(steps: readonly { pool: string; model: string }[]): void;
	/** Of this process: a request for pictures, or for their price, that was refused. */
	countRefusal(code: string): void;
	/** Of the whole installation: whichever process is asked tells the same. */
	countEnded(steps: readonly EndedStep[]): void;
	/** Of this process: an attempt to deliver a webhook. */
	countWebhook(outcome: string): void;
	showWebhooks(stats: WebhookStats): void;
	showQueue(snapshot: QueueSnapshot): void;
	showLedger(totals: readonly { unit: string; account: string; amount: number }[]): void;
	showCoverage(pool: string, share: number | null): void;
	/** All of it, as Prometheus reads it. */
	text(): Promise<string>;
	readonly contentType: string;
}

/** Counts what the store hands out. */
export function countingClaims(jobs: JobStore, metrics: Metrics): JobStore {
	return {
		...jobs,
		async claim(request) {
			const claimed = await jobs.claim(request);
			metrics.countClaims(claimed.map(({ task }) => task));
			return claimed;
		},
	};
}

/** Seconds: from a step of the built-in model to a video's, and from no wait to a night's. */
const runBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
const waitBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 900, 3_600, 14_400];

export function createMetrics(): Metrics {
	const registry = new Registry();
	const registers = [registry];
	const counter = (name: string, help: string, ...labelNames: string[]) =>
		new Counter({ name: `glassworks_${name}`, help, labelNames, registers });
	const histogram = (name: string, help: string, buckets: number[]) =>
		new Histogram({ name: `glassworks_${name}`, help, labelNames: ["pool", "model"], buckets, registers });
	const claims = counter("claims_total", "Steps handed to workers by this process; add up processes.", "pool", "model");
	const refusals = counter("refusals_total", "Requests for pictures refused by this process, by error code; add up processes.", "code");
	const ended = counter(
		"steps_ended_total",
		"Steps ended, the same from every process; shed: left out by overload.",
		"pool",
		"model",
		"outcome",
	);
	const runs = histogram("step_run_seconds", "Run time of done steps, loading the model included.", runBuckets);
	const waits = histogram("step_wait_seconds", "From ready to started, of steps started once.", waitBuckets);
	const ledger = new Gauge({
		name: "glassworks_ledger_amount",
		help: "Sum of an account over all tenants: micro-dollars (usd) or quota units.",
		labelNames: ["unit", "account"],
		registers,
	});
	const coverage = new Gauge({
		name: "glassworks_forecast_coverage",
		help: "Share of lately ended jobs that ended within the range foretold; 0.8 is aimed at.",
		labelNames: ["pool"],
		registers,
	});
	return {
		countClaims(steps) {
			for (const { pool, model } of steps) claims.inc({ pool, model });
		},
		countRefusal: (code) => refusals.inc({ code }),
		countEnded(steps) {
			for (const { pool, model, outcome, runMs, waitMs } of steps) {
				ended.inc({ pool, model, outcome });
				if (outcome === "done" && runMs !== null) runs.observe({ pool, model }, runMs / 1_000);
				if (waitMs !== null) waits.observe({ pool, model }, waitMs / 1_000);
			}
		},
		...webhookMetrics(registers),
		showQueue: queueGauges(registers),
		showLedger(totals) {
			for (const { unit, account, amount } of totals) ledger.set({ unit, account }, amount);
		},
		showCoverage(pool, share) {
			if (share === null) coverage.remove({ pool });
			else coverage.set({ pool }, share);
		},
		text: () => registry.metrics(),
		contentType: registry.contentType,
	};
}

function webhookMetrics(registers: Registry[]): Pick<Metrics, "countWebhook" | "showWebhooks"> {
	const attempts = new Counter({
		name: "glassworks_webhook_attempts_total",
		help: "Attempts to deliver webhooks by this process, by outcome (delivered, failed, gone); add up processes.",
		labelNames: ["outcome"],
		registers,
	});
	const gauge = (name: string, help: string) => new Gauge({ name: `glassworks_webhook_${name}`, help, registers });
	const pending = gauge("deliveries_pending", "Deliveries not yet received or given up, retries included.");
	const late = gauge("oldest_due_seconds", "How long the oldest delivery that should have been tried waits; 0: none does.");
	const disabled = gauge("endpoints_disabled", "Webhooks disabled because they failed for days or answered 410.");
	return {
		countWebhook: (outcome) => attempts.inc({ outcome }),
		showWebhooks(stats) {
			pending.set(stats.pending);
			late.set(stats.oldestDueAt === null ? 0 : Math.max(0, Date.now() - stats.oldestDueAt.getTime()) / 1_000);
			disabled.set(stats.disabledEndpoints);
		},
	};
}

/** Set anew at each look, so that what is gone is shown no more. */
function queueGauges(registers: Registry[]): (snapshot: QueueSnapshot) => void {
	const gauge = (name: string, help: string, ...labelNames: string[]) =>
		new Gauge({ name: `glassworks_${name}`, help, labelNames: ["pool", ...labelNames], registers });
	const byModel = gauge("queue_steps", "Steps by model and state; capped and unrunnable ones are ready too.", "model", "state");
	const byPlan = gauge("queue_plan_steps", "Steps by plan and state.", "plan", "state");
	const oldest = gauge("queue_oldest_wait_seconds", "Of the steps that could be started now; 0: none waits.");
	const workers = gauge("workers", "Live workers by state.", "state");
	const wanted = gauge("wanted_workers", "How many workers the pool should have; GET /api/v1/queue says why.");
	const paused = gauge("pool_paused", "1: the operator has paused it.");
	const gauges = [byModel, byPlan, oldest, workers, wanted, paused];
	return (snapshot) => {
		for (const each of gauges) each.reset();
		for (const entry of snapshot.pools) {
			const { pool } = entry;
			for (const state of ["waiting", "running", "capped", "unrunnable"] as const) {
				const name = state === "waiting" ? "ready" : state;
				for (const depth of entry.models) byModel.set({ pool, model: depth.model, state: name }, depth[state]);
				for (const depth of entry.plans) byPlan.set({ pool, plan: depth.plan, state: name }, depth[state]);
			}
			oldest.set({ pool }, (entry.oldestWaitMs ?? 0) / 1_000);
			for (const state of ["idle", "busy", "paused", "draining", "drained"])
				workers.set({ pool, state }, entry.workers.filter((worker) => worker.state === state).length);
			wanted.set({ pool }, entry.wantedWorkers.workers);
			paused.set({ pool }, entry.isPaused ? 1 : 0);
		}
	};
}
