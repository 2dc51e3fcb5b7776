import type { Queue } from "@glassworks/sdk";
import { took } from "../../format/duration.ts";
import { Section } from "../../ui/Section.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { stepName } from "../jobs/inWords.ts";

type Worker = Queue["pools"][number]["fleet"][number];

const shown = 60;

/** The machines: those at work glow as far as they are, those at rest are cool. */
export function Fleet({ queue, isLoading }: { queue: Queue | undefined; isLoading: boolean }) {
	const workers = distinct(queue);
	const warnings = [...new Set(queue?.pools.flatMap(({ pool, warnings }) => warnings.map(({ message }) => `${pool}: ${message}`)))];
	return (
		<Section title="Workers" note={workers.length > shown && `${shown} of ${workers.length} shown`}>
			{isLoading && <Skeleton rows={1} className="h-24" />}
			{queue && workers.length === 0 && (
				<p className="border-y border-line py-6 text-ink-soft">
					No worker is connected. Pictures wait, and start by themselves when one is.
				</p>
			)}
			<ul className="grid gap-3 sm:grid-cols-[repeat(auto-fill,minmax(15rem,1fr))]">
				{workers.slice(0, shown).map((worker) => (
					<WorkerTile key={worker.label} worker={worker} />
				))}
			</ul>
			{warnings.map((message) => (
				<p key={message} className="text-[13px] text-ink-soft">
					{message}
				</p>
			))}
		</Section>
	);
}

/** Those at work first; one of several pools once. */
function distinct(queue: Queue | undefined): Worker[] {
	const byLabel = new Map(queue?.pools.flatMap(({ fleet }) => fleet.map((worker) => [worker.label, worker])));
	return [...byLabel.values()].sort(
		(a, b) => b.running.length - a.running.length || a.label.localeCompare(b.label, "en", { numeric: true }),
	);
}

const states: Record<Worker["state"], string> = {
	idle: "Free",
	busy: "At work",
	paused: "Paused by the operator",
	draining: "Finishing, takes nothing more",
	drained: "Takes nothing more",
};

function WorkerTile({ worker }: { worker: Worker }) {
	const [work] = worker.running;
	const isHot = work !== undefined;
	return (
		<li
			className={`relative grid gap-1 overflow-hidden rounded-tile border px-4 pt-3 pb-4 text-sm ${isHot ? "gather border-ember-ink/40" : "annealing border-line"}`}
		>
			<p className="flex items-baseline justify-between gap-3">
				<span className="font-medium">Worker {worker.label}</span>
				<span className={`text-[13px] ${isHot ? "text-ember-ink" : worker.state === "idle" ? "text-cool-ink" : "text-ink-soft"}`}>
					{states[worker.state]}
				</span>
			</p>
			<p className="truncate text-[13px] text-ink-soft">{worker.loaded_model ? `${worker.loaded_model} is loaded` : "No model loaded"}</p>
			<p className="min-h-5 text-[13px]">
				{work &&
					`${whatRuns(work.capability)}${worker.running.length > 1 ? ` and ${worker.running.length - 1} more` : ""}, ${took(work.elapsed_ms)}`}
			</p>
			{work && (
				<div
					className="absolute inset-x-0 bottom-0 h-1 origin-left bg-linear-to-r from-ember to-cool transition-transform duration-500"
					style={{ transform: `scaleX(${Math.max(0.03, work.progress)})` }}
				/>
			)}
		</li>
	);
}

/** `generate:flux` as "Picture with flux". */
function whatRuns(capability: string): string {
	const [kind = "", model = ""] = capability.split(":");
	return model === "" || model === kind ? stepName(kind) : `${stepName(kind)} with ${model}`;
}
