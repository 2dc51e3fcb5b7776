import type { ImageRun, Job, SkipReason, Task } from "../jobs/job.ts";
import { endedJobStatuses } from "../jobs/job.ts";
import type { QuotaUnit } from "../plans/operatorConfig.ts";
import { type PriceLine, priceLine, totalOf } from "./quote.ts";

/** The price after: what was taken, in the quote's lines counted again over what was really done, and what came back. */
export interface Bill {
	lines: PriceLine[];
	/** The sum of the lines: what the ledger took so far. */
	totalMicroUsd: number;
	refunded: Refund[];
	/** True once the job has ended: nothing more is taken or given back. */
	isFinal: boolean;
}

export type RefundReason = SkipReason | "failed" | "cancelled";

/** Steps that were in the price and are not charged. */
export interface Refund {
	step: string;
	label: string;
	reason: RefundReason;
	detail: string;
	/** In how many pictures. */
	count: number;
	/** Credit that came back; 0 for what the plan's quota would have paid. */
	amountMicroUsd: number;
	/** Quota that came back. */
	units: Partial<Record<QuotaUnit, number>>;
}

/** Only finished pictures are charged, and of these only the steps that ran. */
export function billJob(job: Job): Bill {
	const paid = job.runs.filter((run) => run.status === "succeeded");
	const priced = paid.flatMap((run) => run.tasks.filter(isDone));
	const totalMicroUsd = priced.reduce((sum, task) => sum + task.priceMicroUsd, 0);
	const lines = [...listLines(job, paid), ...includedLines(job, paid)];
	return {
		lines: [...lines, ...discountLine(job, totalMicroUsd - totalOf(lines))],
		totalMicroUsd,
		refunded: refunds(job),
		isFinal: endedJobStatuses.includes(job.status),
	};
}

const isDone = (task: Task) => task.status === "done";
const didStep = (run: ImageRun, step: string | null) => run.tasks.some((task) => task.stepId === step && isDone(task));

function listLines({ quote }: Job, paid: readonly ImageRun[]): PriceLine[] {
	return quote.lines
		.filter((line) => line.kind === "list")
		.map((line) => priceLine({ ...line, count: paid.filter((run) => didStep(run, line.step)).length }))
		.filter((line) => line.count > 0);
}

/** Pictures for which the same was taken off share a line. The quote covers the first pictures of the request. */
function includedLines({ quote }: Job, paid: readonly ImageRun[]): PriceLine[] {
	const list = quote.lines.filter((line) => line.kind === "list");
	return quote.lines
		.filter((line) => line.kind === "included")
		.flatMap((included) => {
			const covered = paid.filter((run) => run.index < included.count);
			const saved = (run: ImageRun) =>
				list.filter((line) => line.covers === included.covers && didStep(run, line.step)).reduce((sum, line) => sum + line.unitMicroUsd, 0);
			return [...Map.groupBy(covered, saved)]
				.filter(([microUsd]) => microUsd > 0)
				.map(([microUsd, runs]) => priceLine({ ...included, count: runs.length, unitMicroUsd: -microUsd }));
		});
}

function discountLine({ quote }: Job, amountMicroUsd: number): PriceLine[] {
	const quoted = quote.lines.find((line) => line.kind === "discount");
	return quoted && amountMicroUsd !== 0 ? [priceLine({ ...quoted, unitMicroUsd: amountMicroUsd })] : [];
}

function refunds(job: Job): Refund[] {
	const lost = job.runs.flatMap((run) => run.tasks.flatMap((task) => lossOf(run, task)));
	const groups = Map.groupBy(lost, ({ task, reason }) => `${task.stepId} ${reason}`);
	return [...groups.values()].flatMap((group) => {
		const [first] = group;
		if (!first) return [];
		const tasks = group.map(({ task }) => task);
		return [
			{
				step: first.task.stepId,
				label: job.quote.lines.find((line) => line.step === first.task.stepId)?.label ?? first.task.stepId,
				reason: first.reason,
				detail: refundDetails[first.reason],
				count: group.length,
				amountMicroUsd: tasks.reduce((sum, task) => sum + task.priceMicroUsd, 0),
				units: countUnits(tasks),
			},
		];
	});
}

/** A step that was priced and will never be charged, and why. */
function lossOf(run: ImageRun, task: Task): { task: Task; reason: RefundReason }[] {
	if (task.listMicroUsd === 0 && task.quotaUnits.length === 0) return [];
	if (task.status === "skipped" && task.skipReason) return [{ task, reason: task.skipReason }];
	return run.status === "failed" || run.status === "cancelled" ? [{ task, reason: run.status }] : [];
}

function countUnits(tasks: readonly Task[]): Partial<Record<QuotaUnit, number>> {
	const units = Map.groupBy(
		tasks.flatMap((task) => task.quotaUnits),
		(unit) => unit,
	);
	return Object.fromEntries([...units].map(([unit, all]) => [unit, all.length]));
}

const refundDetails: Record<RefundReason, string> = {
	failed: "The picture could not be made.",
	cancelled: "The job was cancelled before the picture was finished.",
	no_faces: "No face was found.",
	step_failed: "The step failed; the picture stayed as it was before.",
	overload: "Left out because too much work was waiting.",
	model_missing: "No worker could run it any more.",
	plan: "Your plan does not include it.",
	not_wanted: "Switched off in the request.",
	cached: "Taken from an earlier job.",
};
