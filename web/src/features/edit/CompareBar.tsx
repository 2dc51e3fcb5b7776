import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import type { Compare } from "./useCompare.ts";

/** Half of the handle, in pixels: the slider is longer than the picture by so much at each end, so that the handle stands on the line. */
const halfHandle = 20;

/** Where before ends and after begins, on the picture; it is pulled there, or moved by the arrow keys. Beside its handle the picture is still moved and zoomed. */
export function CompareLine({ share, setShare, isHeld }: Compare) {
	if (isHeld) return null;
	return (
		<>
			<div
				aria-hidden="true"
				className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-ember"
				style={{ left: `${share * 100}%` }}
			>
				<span className="absolute top-2 right-2 rounded bg-canvas/90 px-2 py-0.5 text-xs">Before</span>
				<span className="absolute top-2 left-2 rounded bg-canvas/90 px-2 py-0.5 text-xs">After</span>
			</div>
			<input
				type="range"
				min={0}
				max={1}
				step={0.005}
				value={share}
				aria-label="How much of the picture before is shown"
				aria-valuetext={`${Math.round(share * 100)} percent`}
				className="compare pointer-events-none absolute top-1/2 h-10 -translate-y-1/2 appearance-none bg-transparent outline-none"
				style={{ left: -halfHandle, width: `calc(100% + ${2 * halfHandle}px)` }}
				onChange={(event) => setShare(Number(event.target.value))}
			/>
		</>
	);
}

/** The result against the picture before: by the line on it, or by holding a button down. */
export function CompareBar({ isHeld, hold, isLoading, error, onClose }: Compare & { onClose(): void }) {
	const isKey = (key: string) => key === " " || key === "Enter";
	return (
		<div className="flex min-h-12 flex-wrap items-center gap-x-4 border-b border-line px-4 py-1 text-sm">
			<p className="min-w-0 flex-1 text-ink-soft max-sm:basis-full">Pull the line across the picture to compare.</p>
			<Button
				aria-pressed={isHeld}
				className="touch-none select-none"
				onPointerDown={() => hold(true)}
				onPointerUp={() => hold(false)}
				onPointerLeave={() => hold(false)}
				onPointerCancel={() => hold(false)}
				onKeyDown={(event) => isKey(event.key) && hold(true)}
				onKeyUp={(event) => isKey(event.key) && hold(false)}
				onBlur={() => hold(false)}
			>
				Hold to see before
			</Button>
			<Button onClick={onClose} aria-keyshortcuts="Escape">
				Back to the mask
			</Button>
			<p role="status" className="text-ink-soft empty:hidden">
				{isLoading ? "Loading the result" : error ? adviceFor(error).title : ""}
			</p>
		</div>
	);
}
