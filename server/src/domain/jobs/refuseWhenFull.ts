import { GlassworksError } from "../errors.ts";
import { plansThat, sayBetterPlans } from "../plans/betterPlan.ts";
import type { OperatorConfig, Plan } from "../plans/operatorConfig.ts";
import type { PoolLoads } from "./poolLoads.ts";

const leastRetryS = 10;
const mostRetryS = 3_600;

/**
 * Refuses what could not be served in any useful time, plans with the lowest limit first, so that what is accepted is kept.
 * @throws {GlassworksError} overloaded, with the seconds after which the line should be short enough again
 */
export function refuseWhenFull(
	tasks: readonly { pool: string; skip: string | null }[],
	plan: Plan,
	{ loads, config }: { loads: PoolLoads; config: Pick<OperatorConfig, "plans"> },
): void {
	if (plan.maxWaiting === null) return;
	for (const pool of new Set(tasks.filter((task) => !task.skip).map((task) => task.pool))) {
		const { waiting, waitMs } = loads.of(pool);
		if (waiting <= plan.maxWaiting) continue;
		const shareOver = (waiting - plan.maxWaiting) / waiting;
		const retryAfterS = Math.min(mostRetryS, Math.max(leastRetryS, Math.ceil((shareOver * waitMs) / 1_000)));
		const better = sayBetterPlans(plansThat(config, ({ maxWaiting }) => maxWaiting === null || waiting <= maxWaiting));
		throw new GlassworksError(
			"overloaded",
			`${waiting} steps wait in the pool ${pool}; the plan ${plan.title} adds none above ${plan.maxWaiting}. Try again in ${retryAfterS} s.${better.sentence}`,
			{ limit: "max_waiting", pool, waiting, max: plan.maxWaiting, retry_after_s: retryAfterS, ...better.data },
		);
	}
}
