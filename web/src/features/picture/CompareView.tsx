import { useState } from "react";

interface Props {
	finished: string;
	original: string;
	alt: string;
}

/** The original left of the divider, the finished picture right of it. The slider works with pointer, touch and arrow keys. */
export function CompareView({ finished, original, alt }: Props) {
	const [percent, setPercent] = useState(50);
	return (
		<div className="relative size-full">
			<img src={finished} alt={`${alt}, finished`} className="absolute inset-0 size-full object-contain" />
			<img
				src={original}
				alt={`${alt}, before enhancement`}
				className="absolute inset-0 size-full object-contain"
				style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
			/>
			<span
				aria-hidden="true"
				className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-ember"
				style={{ left: `${percent}%` }}
			/>
			<span aria-hidden="true" className="pointer-events-none absolute top-2 left-2 rounded bg-canvas/90 px-2 py-0.5 text-xs">
				Original
			</span>
			<span aria-hidden="true" className="pointer-events-none absolute top-2 right-2 rounded bg-canvas/90 px-2 py-0.5 text-xs">
				Finished
			</span>
			<input
				type="range"
				min={0}
				max={100}
				step={0.5}
				value={percent}
				aria-label="How much of the original is shown, in percent"
				onChange={(event) => setPercent(Number(event.target.value))}
				className="absolute inset-0 size-full cursor-ew-resize appearance-none bg-transparent [&::-moz-range-thumb]:opacity-0 [&::-webkit-slider-thumb]:opacity-0"
			/>
		</div>
	);
}
