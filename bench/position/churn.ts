import { setTimeout as delay } from "node:timers/promises";
import type { ClaimRequest } from "../../server/src/domain/jobs/jobStore.ts";
import { draftJob, pictureMs } from "../support/crowd.ts";
import { type OpenLoop, runOpenLoop } from "../support/openLoop.ts";
import { type Change, models, pool, type Setting, type WorkerOfBench } from "./setting.ts";

export interface Churn {
	/** Ends the workers; the submits end by themselves. */
	stop(): Promise<{ submits: OpenLoop; claimsPerSecond: number }>;
}

/** Submits arrive in an open loop; the workers claim together `claimsPerSecond`: 0 is not at all, null as fast as they can. */
export function startChurn(setting: Setting, pace: { submitsPerSecond: number; claimsPerSecond: number | null; seconds: number }): Churn {
	const { changes } = setting;
	const stopping = new AbortController();
	const startedAt = performance.now();
	const submits = runOpenLoop({ perSecond: pace.submitsPerSecond, seconds: pace.seconds, maxUnderWay: 1_000 }, async (index) => {
		const tenant = setting.tenants[index % setting.tenants.length];
		if (tenant)
			await logged(changes, () =>
				setting.stores.jobs.submit(draftJob({ tenant, pool, model: models[index % models.length] ?? "", pictures: 1 })),
			);
	});
	const everyMs = pace.claimsPerSecond === null ? 0 : (setting.workers.length * 1_000) / pace.claimsPerSecond;
	const workers = pace.claimsPerSecond === 0 ? [] : setting.workers;
	const working = Promise.all(
		workers.map((worker, place) =>
			work(setting, worker, { everyMs, afterMs: (place * everyMs) / setting.workers.length, signal: stopping.signal }),
		),
	);
	// Until `stop` looks at it.
	working.catch(() => {});
	return {
		async stop() {
			stopping.abort();
			const claims = (await working).reduce((sum, count) => sum + count, 0);
			const seconds = (performance.now() - startedAt) / 1_000;
			return { submits: await submits, claimsPerSecond: claims / seconds };
		},
	};
}

async function logged<T>(changes: Change[], act: () => Promise<T>): Promise<T> {
	const from = Date.now();
	const result = await act();
	changes.push({ from, to: Date.now() });
	return result;
}

/** Claims one task, finishes it when the next is due, and so on. Returns how many it claimed. */
async function work(
	{ stores, changes }: Setting,
	worker: WorkerOfBench,
	turn: { everyMs: number; afterMs: number; signal: AbortSignal },
): Promise<number> {
	const capabilities = worker.models.map((model) => `generate:${model}` as const);
	const startedAt = performance.now() + turn.afterMs;
	let loadedModel: string | null = null;
	let claims = 0;
	for (; !turn.signal.aborted; claims++) {
		const waitMs = startedAt + claims * turn.everyMs - performance.now();
		if (waitMs > 0) await delay(waitMs);
		const request: ClaimRequest = { workerId: worker.id, pool, capabilities, loadedModel, slots: 1 };
		const [claimed] = await logged(changes, () => stores.jobs.claim(request));
		if (!claimed) throw new Error("a worker found nothing to claim");
		loadedModel = claimed.task.model;
		await stores.jobs.finish(claimed.lease, { kind: "succeeded", outputs: {}, data: {}, ms: pictureMs });
	}
	return claims;
}
