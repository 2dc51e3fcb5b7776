import type { Queue } from "@glassworks/sdk";

export interface QueueWords {
	short: string;
	/** For the line beside the button. */
	long: string;
	/** Something keeps pictures from being made at all. */
	isBlocked: boolean;
}

/** The public queue in a line. Counts are of steps: a picture takes several. */
export function queueInWords(queue: Queue): QueueWords {
	const sum = (pick: (pool: Queue["pools"][number]) => number) => queue.pools.reduce((total, pool) => total + pick(pool), 0);
	const ready = sum((pool) => pool.ready);
	const running = sum((pool) => pool.running);
	const paused = queue.pools.filter((pool) => pool.paused);
	const empty = queue.pools.filter((pool) => pool.workers === 0);
	if (queue.pools.length === 0 || empty.length === queue.pools.length)
		return { short: "No worker", long: "No worker is connected. Pictures wait, and start by themselves when one is.", isBlocked: true };
	if (paused.length > 0)
		return {
			short: "Paused",
			long: `The operator has paused ${paused.map((pool) => pool.pool).join(" and ")}. Pictures wait until it goes on.`,
			isBlocked: true,
		};
	if (ready + running === 0) return { short: "Idle", long: "Nobody is waiting: yours starts at once.", isBlocked: false };
	const waiting = ready === 0 ? "Nothing waits" : `${ready} ${ready === 1 ? "step waits" : "steps wait"}`;
	return { short: `${ready} waiting`, long: `${waiting}, ${running} ${running === 1 ? "runs" : "run"} now.`, isBlocked: false };
}
