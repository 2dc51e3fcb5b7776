/** Rows that are on their way, as high as they will be, so that nothing jumps. */
export function Skeleton({ rows = 6, className = "h-14" }: { rows?: number; className?: string }) {
	return (
		<div aria-hidden="true" className="grid gap-px overflow-hidden rounded-xl border border-line">
			{Array.from({ length: rows }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: they are all the same.
				<div key={row} className={`annealing motion-safe:animate-pulse ${className}`} />
			))}
		</div>
	);
}
