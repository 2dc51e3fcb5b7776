const parts = ["h-28", "h-24", "h-14", "h-10", "h-10", "h-24"];

/** The form before the models are known, as high as it will be: nothing jumps. */
export function FormSkeleton() {
	return (
		<div className="grid gap-4">
			<p role="status" className="sr-only">
				Loading
			</p>
			{parts.map((height, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: they never change places.
				<div key={at} aria-hidden="true" className={`annealing rounded-xl border border-line motion-safe:animate-pulse ${height}`} />
			))}
		</div>
	);
}
