import type { Bus } from "../ports.ts";
import type { Job } from "./job.ts";
import type { FinishEffects } from "./jobStore.ts";

/** Followers of one job: `{type: "changed"}`, `progress`, `preview`. */
export const jobTopic = (jobId: string): string => `job:${jobId}`;
/** Workers of one pool: there may be work. */
export const poolTopic = (pool: string): string => `pool:${pool}`;
/** Tasks whose lease ended early: `{taskId}`. */
export const stopTopic = "stop";

/** Tells whoever waits what a committed transaction changed. Hints only: everyone also looks for themselves. */
export function announce(bus: Bus, effects: FinishEffects): void {
	for (const jobId of effects.jobIds) bus.publish(jobTopic(jobId), { type: "changed" });
	for (const pool of effects.pools) bus.publish(poolTopic(pool), {});
	for (const taskId of effects.stoppedTaskIds) bus.publish(stopTopic, { taskId });
}

/** Tells followers and the workers of pools that have work now of a job that was just accepted. */
export function announceAccepted(bus: Bus, { id, runs }: Job): void {
	const ready = runs.flatMap((run) => run.tasks.filter((task) => task.status === "ready").map((task) => task.pool));
	announce(bus, { jobIds: [id], pools: [...new Set(ready)], stoppedTaskIds: [] });
}
