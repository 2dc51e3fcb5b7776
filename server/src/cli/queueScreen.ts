import type { Queue, QueuePool } from "@glassworks/sdk";
import { formatSpan } from "./generate/progress.ts";
import { table } from "./terminal.ts";

/** The queue as lines no longer than `columns`: what waits for what, who works, and how many workers are wanted and why. */
export function queueLines(queue: Queue, columns: number): string[] {
	const pools = queue.pools.flatMap((pool, index) => [...(index > 0 ? [""] : []), ...poolLines(pool, columns)]);
	return pools.length > 0 ? pools : ["No pool is configured."];
}

function poolLines(pool: QueuePool, columns: number): string[] {
	const oldest = pool.oldest_wait_ms === null ? [] : [`oldest ${formatSpan(pool.oldest_wait_ms)}`];
	const { last_5_minutes: last5, last_60_minutes: last60 } = pool.done_per_minute;
	const facts = [
		...[`${pool.ready} waiting`, `${pool.running} running`],
		...(pool.capped > 0 ? [`${pool.capped} capped`] : []),
		...(pool.unrunnable > 0 ? [`${pool.unrunnable} without worker`] : []),
		...oldest,
		...[`done ${last5}/min, ${last60}/min over the hour`],
		...(pool.shed_last_hour > 0 ? [`${pool.shed_last_hour} shed this hour`] : []),
	];
	const { workers, reasoning } = pool.wanted_workers;
	return [
		cut(`${pool.pool}${pool.paused ? "  PAUSED" : ""}${pool.dedicated ? `  (in place of ${pool.base})` : ""}`, columns),
		...wrap(facts.join(" · "), columns, "  "),
		...indented(depthTable(pool), columns),
		...indented(fleetTable(pool), columns),
		...wrap(`wanted workers: ${workers} (now ${pool.workers})`, columns, "  "),
		...reasoning.flatMap((reason) => wrap(reason, columns, "    ")),
		...pool.warnings.flatMap((warning) => wrap(`! ${warning.message}`, columns, "  ")),
	];
}

function depthTable(pool: QueuePool): string[] {
	const counts = (depth: { ready: number; running: number; capped: number; unrunnable: number }) =>
		[depth.ready, depth.running, depth.capped, depth.unrunnable].map((value) => String(value).padStart(7));
	const headings = ["WAITING", "RUNNING", " CAPPED", "NO WRKR"];
	const models = pool.models.map((entry) => [short(entry.model, 22), ...counts(entry), `${entry.loaded_on} of ${entry.capable_workers}`]);
	const plans = pool.plans.map((entry) => [short(entry.plan, 22), ...counts(entry), ""]);
	return [
		...(models.length > 0 ? table(["MODEL".padEnd(22), ...headings, "LOADED ON"], models).split("\n") : []),
		...(plans.length > 0 ? table(["PLAN".padEnd(22), ...headings, ""], plans).split("\n") : []),
	];
}

function fleetTable({ fleet }: QueuePool): string[] {
	if (fleet.length === 0) return [];
	const rows = fleet.map((worker) => [
		worker.label,
		worker.state,
		short(worker.loaded_model ?? "-", 16),
		worker.running
			.map((step) => `${short(step.capability, 24)} ${Math.round(step.progress * 100)} % ${formatSpan(step.elapsed_ms)}`)
			.join(", "),
	]);
	return table(["WORKER", "STATE", "HOLDS", "RUNS"], rows).split("\n");
}

const indented = (lines: string[], columns: number): string[] => lines.map((line) => cut(`  ${line}`, columns));

const short = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}~` : text);

const cut = (line: string, columns: number): string => short(line, columns);

/** Breaks at spaces; a word longer than a line is cut. */
function wrap(text: string, columns: number, indent: string): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && indent.length + line.length + 1 + word.length > columns) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line].map((each) => cut(`${indent}${each}`, columns));
}
