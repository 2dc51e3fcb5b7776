import type { Job, JobEvent, Waiting } from "@glassworks/sdk";
import type { Terminal } from "../terminal.ts";

const barWidth = 24;

/** Follows a job on the terminal: one line that is redrawn, or a plain line at every change where nobody watches. */
export function showProgress(terminal: Terminal): (job: Job, event: JobEvent | null) => void {
	let last = "";
	let running: { n: number; step: string; fraction: number } | null = null;
	return (job, event) => {
		running = runningStep(job, event, running);
		terminal.draw(describe(job, running));
		const milestone = milestoneOf(job, running);
		if (!terminal.isInteractive && milestone !== null && milestone !== last) terminal.tell(milestone);
		last = milestone ?? last;
	};
}

/** The step that last said how far it is. */
function runningStep(job: Job, event: JobEvent | null, before: { n: number; step: string; fraction: number } | null) {
	if (event?.type === "progress") {
		const { n, step, fraction } = event.data;
		if (typeof n === "number" && typeof step === "string" && typeof fraction === "number") return { n, step, fraction };
	}
	if (before && job.images.find((image) => image.n === before.n)?.step === before.step) return before;
	const image = job.images.find((entry) => entry.status === "pending" && entry.step !== null);
	return job.status === "running" && image?.step ? { n: image.n, step: image.step, fraction: 0 } : null;
}

/** One line: where the job stands now. */
export function describe(job: Job, running: { n: number; step: string; fraction: number } | null): string {
	if (!running || job.status !== "running") return milestoneOf(job, null) ?? job.status;
	const filled = Math.round(running.fraction * barWidth);
	const bar = `[${"#".repeat(filled)}${"-".repeat(barWidth - filled)}] ${String(Math.round(running.fraction * 100)).padStart(3)} %`;
	return [`${bar}  ${running.step}${pictureOf(job, running.n)}`, ...outlook(job.waiting)].join("  ");
}

/** Null where nothing worth a line of its own has happened. */
function milestoneOf(job: Job, running: { n: number; step: string } | null): string | null {
	if (job.status === "scheduled") return `scheduled: starts ${job.run_after ?? "later"}`;
	if (job.status === "queued") return ["queued", ...outlook(job.waiting)].join("  ");
	return job.status === "running" && running ? `${running.step}${pictureOf(job, running.n)}` : null;
}

function pictureOf(job: Job, n: number): string {
	return job.images.length > 1 ? ` (picture ${n + 1} of ${job.images.length})` : "";
}

/** Place, reason and ETA, as far as they are known. */
function outlook(waiting: Waiting | null): string[] {
	if (!waiting) return [];
	return [
		...(waiting.place === null ? [] : [`place ${waiting.place}`]),
		...(waiting.reason === null ? [] : [`why: ${waiting.reason.code.replaceAll("_", " ")}`]),
		...(waiting.eta === null ? [] : [`ETA ${formatSpan(waiting.eta.p50_ms)} to ${formatSpan(waiting.eta.p90_ms)}`]),
	];
}

/** 0.4 s, 12 s, 7 min, 2.5 h. Rounded up: a wait is never made to look shorter. */
export function formatSpan(ms: number): string {
	if (ms < 10_000) return `${Math.ceil(ms / 100) / 10} s`;
	if (ms < 90_000) return `${Math.ceil(ms / 1_000)} s`;
	if (ms < 5_400_000) return `${Math.ceil(ms / 60_000)} min`;
	return `${Math.ceil(ms / 360_000) / 10} h`;
}
