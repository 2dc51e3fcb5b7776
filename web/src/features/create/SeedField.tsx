import { IconButton } from "../../ui/IconButton.tsx";
import { Dice, Lock } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { type Draft, maxSeed, randomSeed } from "./draft.ts";

export function SeedField({ draft, onChange }: { draft: Draft; onChange(change: Partial<Draft>): void }) {
	const { seed, seedLocked } = draft;
	return (
		<div className="grid gap-1.5">
			<div className="flex items-end gap-1">
				<div className="min-w-0 flex-1">
					<NumberField
						label="Seed"
						value={seedLocked ? seed : null}
						onChange={(value) => onChange({ seed: value, seedLocked: value !== null })}
						min={0}
						max={maxSeed}
						placeholder="random each time"
					/>
				</div>
				<IconButton label="Roll a new seed and keep it" onClick={() => onChange({ seed: randomSeed(), seedLocked: true })}>
					<Dice />
				</IconButton>
				<IconButton
					label="Keep the seed"
					aria-pressed={seedLocked}
					onClick={() => onChange(seedLocked ? { seedLocked: false } : { seed: seed ?? randomSeed(), seedLocked: true })}
				>
					<Lock open={!seedLocked} />
				</IconButton>
			</div>
			<p className="text-[13px] text-ink-faint">The same seed with the same settings makes the same picture.</p>
		</div>
	);
}
