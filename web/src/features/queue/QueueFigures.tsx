import type { Queue } from "@glassworks/sdk";
import { duration } from "../../format/duration.ts";
import { Figures } from "../../ui/Figures.tsx";
import { poolSum } from "./poolSum.ts";

/** Dashes until it is known: nothing moves when it is. */
export function QueueFigures({ queue }: { queue: Queue | undefined }) {
	const sum = (pick: Parameters<typeof poolSum>[1]) => (queue ? poolSum(queue, pick) : "–");
	const oldest = queue ? Math.max(-1, ...queue.pools.map((pool) => pool.oldest_wait_ms ?? -1)) : -1;
	const busy = queue?.pools.flatMap(({ fleet }) => fleet).filter(({ state }) => state === "busy");
	return (
		<Figures
			label="The queue now"
			figures={[
				{ label: "In line", value: sum((pool) => pool.ready), note: "steps; a picture takes several" },
				{
					label: "Being made",
					value: sum((pool) => pool.running),
					isHot: queue !== undefined && poolSum(queue, (pool) => pool.running) > 0,
				},
				{
					label: "Workers",
					value: queue ? distinctWorkers(queue) : "–",
					note: busy && `${new Set(busy.map(({ label }) => label)).size} busy`,
				},
				{
					label: "Done per minute",
					value: sum((pool) => pool.done_per_minute.last_5_minutes),
					note: queue && `${poolSum(queue, (pool) => pool.done_per_minute.last_60_minutes)} over the hour`,
				},
				{ label: "Longest wait", value: queue ? (oldest < 0 ? "none" : duration(oldest)) : "–", note: "of what could start now" },
			]}
		/>
	);
}

/** A worker of several pools is one. */
const distinctWorkers = (queue: Queue): number => new Set(queue.pools.flatMap(({ fleet }) => fleet.map(({ label }) => label))).size;
