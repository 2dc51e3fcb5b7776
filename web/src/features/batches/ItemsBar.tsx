import type { Batch } from "@glassworks/sdk";

/** How many of its items are done, failed and running: the rest of the bar is to come. */
export function ItemsBar({ batch, className = "h-2" }: { batch: Batch; className?: string }) {
	const { counts, items } = batch;
	const parts = [
		{ name: "done", share: counts.succeeded / items, look: "bg-cool" },
		{ name: "failed", share: (counts.failed + counts.partial) / items, look: "bg-alarm-ink" },
		{ name: "cancelled", share: counts.cancelled / items, look: "bg-line-strong" },
		{ name: "running", share: counts.running / items, look: "bg-ember motion-safe:animate-pulse" },
	];
	return (
		<div
			role="progressbar"
			aria-label={`Progress of ${batch.name || "the batch"}`}
			aria-valuenow={Math.round(batch.progress * 100)}
			className={`flex w-full overflow-hidden rounded-full bg-line ${className}`}
		>
			{parts.map(({ name, share, look }) => (
				<span key={name} className={`transition-[width] duration-500 ${look}`} style={{ width: `${share * 100}%` }} />
			))}
		</div>
	);
}
