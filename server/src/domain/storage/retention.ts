import { GlassworksError } from "../errors.ts";
import type { OperatorConfig } from "../plans/operatorConfig.ts";

const dayS = 86_400;

/** How long a plan keeps pictures, in seconds; null: until they are deleted. */
export function planKeepsS({ plans }: OperatorConfig, planName: string): number | null {
	const days = plans[planName]?.retentionDays ?? null;
	return days === null ? null : days * dayS;
}

/** How long a job's pictures are kept after its end: as asked, else as the plan says; null: until they are deleted. @throws {GlassworksError} retention_over_plan */
export function settleRetention(config: OperatorConfig, planName: string, askedS: number | null): number | null {
	const maxS = planKeepsS(config, planName);
	if (askedS === null || maxS === null || askedS <= maxS) return askedS ?? maxS;
	const plans = Object.keys(config.plans).filter((name) => (planKeepsS(config, name) ?? Number.POSITIVE_INFINITY) >= askedS);
	const message = `your plan keeps pictures for at most ${maxS} seconds (${maxS / dayS} days)`;
	throw new GlassworksError(
		"retention_over_plan",
		`delete_after_s: ${message}; asked for ${askedS}.`,
		{ max: maxS, asked: askedS, plans },
		[{ path: ["delete_after_s"], message }],
	);
}

/** When a job's pictures are deleted; for one that has not ended, as if it ended the moment it may begin. Null: they are kept. */
export function expiryOf(job: {
	createdAt: Date;
	runAfter: Date | null;
	deleteAfterS: number | null;
	expiresAt: Date | null;
}): Date | null {
	if (job.expiresAt || job.deleteAfterS === null) return job.expiresAt;
	const from = Math.max(job.createdAt.getTime(), job.runAfter?.getTime() ?? 0);
	return new Date(from + job.deleteAfterS * 1_000);
}
