import type { Line } from "./lines.ts";

/** How long a line is beside the longest: what is made glows, what waits does not yet. The figures stand beside it. */
export function DepthBar({ line: { ready, running }, scale }: { line: Line; scale: number }) {
	return (
		<span aria-hidden="true" className="mt-1.5 flex h-2 w-28 overflow-hidden rounded-full bg-line sm:w-40">
			<span className="h-full bg-ember" style={{ width: `${(running / scale) * 100}%` }} />
			<span className="h-full bg-line-strong" style={{ width: `${(ready / scale) * 100}%` }} />
		</span>
	);
}
