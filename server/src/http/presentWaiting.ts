import type { z } from "zod";
import type { waiting } from "../contract/waiting.ts";
import type { Waiting } from "../domain/jobs/queueView.ts";

type WaitingBody = z.infer<typeof waiting>;

/** Place, reason and outlook of one job. */
export function presentWaiting({ asOf, pool, place, aheadByPlan, reason, eta }: Waiting): WaitingBody {
	return {
		as_of: asOf.toISOString(),
		pool,
		place,
		ahead_by_plan: aheadByPlan,
		reason: reason && { code: reason.code, data: reason.data, help: { you: reason.help.user, operator: reason.help.operator } },
		eta: eta && {
			p10_ms: eta.p10Ms,
			p50_ms: eta.p50Ms,
			p90_ms: eta.p90Ms,
			method: eta.method,
			coverage: eta.coverage && { share: eta.coverage.share, outcomes: eta.coverage.outcomes },
		},
	};
}
