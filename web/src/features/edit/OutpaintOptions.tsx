import { Chips } from "../../ui/Chips.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import type { Size } from "./canvas/rect.ts";
import { type Aspect, aspectOf, aspects, isExtended, type Margins, marginsFor, maxMarginPx, noMargins, sides } from "./outpaint.ts";

interface Props {
	size: Size;
	margins: Margins;
	onChange(margins: Margins): void;
}

const labels = { left: "Left", top: "Top", right: "Right", bottom: "Bottom" } as const;

/** Shapes to choose from, and pixels for those who know what they want. */
export function OutpaintOptions({ size, margins, onChange }: Props) {
	const choices: { value: Aspect | null; label: string; name?: string }[] = aspects.map((value) => ({ value, label: value }));
	return (
		<div className="grid gap-3">
			<Chips
				legend="Shape"
				choices={choices}
				value={isExtended(margins) ? aspectOf(size, margins) : null}
				onChange={(aspect) => aspect && onChange(marginsFor(aspect, size))}
			/>
			<div className="grid grid-cols-4 gap-2">
				{sides.map((side) => (
					<NumberField
						key={side}
						label={labels[side]}
						value={margins[side] || null}
						min={0}
						max={maxMarginPx}
						placeholder="0"
						onChange={(px) => onChange({ ...margins, [side]: px ?? 0 })}
					/>
				))}
			</div>
			<p className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 text-[13px] text-ink-soft">
				<span className="font-mono tabular-nums">
					{size.width} x {size.height} px becomes {size.width + margins.left + margins.right} x {size.height + margins.top + margins.bottom}{" "}
					px
				</span>
				{isExtended(margins) && (
					<button type="button" className="min-h-10 text-ember-ink underline underline-offset-4" onClick={() => onChange(noMargins)}>
						Add nothing
					</button>
				)}
			</p>
		</div>
	);
}
