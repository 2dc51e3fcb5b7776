import type { Image, Job, Quote, SkippedStep } from "@glassworks/sdk";
import { formatMoney } from "../money.ts";

/** The price before anything runs: one line per item, then the sum. */
export function quoteLines(quote: Quote): string[] {
	const items = quote.lines.map(
		(line) =>
			`  ${line.label}: ${line.count > 1 ? `${line.count} x ${formatMoney(line.unit_micro_usd)} = ` : ""}${formatMoney(line.amount_micro_usd)}`,
	);
	return [`price: ${formatMoney(quote.total_micro_usd)}`, ...items];
}

/** What an accepted job waits for, where nothing at hand can run it: that does not pass by itself. */
export function shortfallLines({ waiting }: Job): string[] {
	if (waiting?.reason?.code !== "no_capable_worker") return [];
	const { capability } = waiting.reason.data;
	const what = typeof capability === "string" ? ` run ${capability.replace(":", " with ")}` : " run it";
	return [
		`waits: no engine at hand can${what}; it starts by itself when one can`,
		...(waiting.reason.help.you ? [`  sooner: ${waiting.reason.help.you}`] : []),
	];
}

/** What became of one picture. */
export function imageLines(image: Image, file: string | null): string[] {
	if (image.status !== "succeeded" || file === null) {
		const why = image.error ? `${image.error.message} (${image.error.code})` : image.status;
		return [`picture ${image.n + 1}: ${why}`];
	}
	return [
		`${file}  ${image.width} x ${image.height} px  ${image.media_type ?? ""}  seed ${image.seed}`,
		...(image.understood_as === null ? [] : [`  understood as: ${image.understood_as}${scoreOf(image)}`]),
		...(image.color_applied === false ? ["  the colour in the prompt could not be applied"] : []),
	];
}

/** Facts that hold for the whole job: notices, steps that did not run and why, what it cost. */
export function jobLines(job: Job): string[] {
	const notices = new Set(job.images.flatMap((image) => image.notice ?? []));
	const skipped = new Set(job.images.flatMap((image) => image.skipped.map(describeSkip)));
	return [
		...[...notices].map((notice) => `note: ${job.model} is a ${notice}`),
		...[...skipped].map((line) => `skipped: ${line}`),
		...(job.quote.cached ? [`cached: exactly this was made by ${job.quote.cached_from}`] : []),
		`charged: ${formatMoney(job.charged_micro_usd)}`,
	];
}

const reasons: Record<SkippedStep["reason"], string> = {
	model_missing: "its model is not installed",
	no_faces: "no faces were found",
	plan: "your plan does not include it",
	not_wanted: "switched off in the request",
	step_failed: "it failed; the picture is as it was before",
	overload: "the server is overloaded",
	cached: "an earlier job made it",
};

function describeSkip({ step, reason, detail }: SkippedStep): string {
	return `${step.replaceAll("_", " ")}: ${detail || (reasons[reason] ?? reason)}`;
}

function scoreOf({ understood_score: score }: Image): string {
	return score === null ? "" : ` (score ${score.toFixed(2)})`;
}
