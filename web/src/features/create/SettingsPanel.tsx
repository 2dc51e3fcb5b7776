import type { Model } from "@glassworks/sdk";
import { useState } from "react";
import { Chips } from "../../ui/Chips.tsx";
import { Down } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { changedSettings, type Draft, emptyDraft } from "./draft.ts";
import { SeedField } from "./SeedField.tsx";
import { SizeField } from "./SizeField.tsx";

interface Props {
	draft: Draft;
	model: Model;
	planMaxSide: number | null;
	onChange(change: Partial<Draft>): void;
}

const formats = (["png", "jpeg", "webp"] as const).map((value) => ({ value, label: value.toUpperCase() }));

/** Everything that has a good default. */
export function SettingsPanel({ draft, model, planMaxSide, onChange }: Props) {
	const [isOpen, setOpen] = useState(false);
	const changed = changedSettings(draft);
	return (
		<details
			open={isOpen}
			onToggle={(event) => setOpen(event.currentTarget.open)}
			className="group rounded-xl border border-line bg-surface"
		>
			<summary className="flex min-h-11 list-none items-center gap-2 rounded-xl px-3 text-sm font-medium hover:bg-raised [&::-webkit-details-marker]:hidden">
				Settings
				{changed > 0 && <span className="rounded-full bg-ember-wash px-2 py-0.5 text-xs text-ember-ink">{changed} changed</span>}
				<span className="ml-auto text-ink-soft transition-transform group-open:rotate-180">
					<Down />
				</span>
			</summary>
			<div className="grid gap-5 border-t border-line p-3 pt-4">
				<label className="grid gap-1.5">
					<span className="text-sm font-medium text-ink-soft">Leave out</span>
					<textarea
						className="field min-h-16 resize-y px-3 py-2 text-sm"
						value={draft.negativePrompt}
						maxLength={2_000}
						placeholder="What the picture should not show"
						onChange={(event) => onChange({ negativePrompt: event.target.value })}
					/>
				</label>
				<SizeField draft={draft} model={model} planMaxSide={planMaxSide} onChange={onChange} />
				<Sampling draft={draft} model={model} onChange={onChange} />
				<SeedField draft={draft} onChange={onChange} />
				<Chips legend="File" choices={formats} value={draft.format} onChange={(format) => onChange({ format })} />
				<Switch
					label="Write the recipe into the file"
					note="Off, so that sharing a picture does not share its prompt."
					checked={draft.embedRecipe}
					onChange={(embedRecipe) => onChange({ embedRecipe })}
				/>
				{changed > 0 && <Reset onChange={onChange} />}
			</div>
		</details>
	);
}

function Sampling({ draft, model, onChange }: Omit<Props, "planMaxSide">) {
	return (
		<div className="grid grid-cols-2 gap-3">
			<NumberField
				label="Steps"
				value={draft.steps}
				onChange={(steps) => onChange({ steps })}
				min={1}
				max={model.max_steps}
				placeholder={`auto (${model.default_steps})`}
			/>
			<NumberField
				label="Guidance"
				value={draft.guidance}
				onChange={(guidance) => onChange({ guidance })}
				min={0}
				max={30}
				step={0.1}
				placeholder="auto"
			/>
		</div>
	);
}

/** Empties the fold; prompt, model, style and count stay. */
function Reset({ onChange }: Pick<Props, "onChange">) {
	const { prompt: _prompt, model: _model, count: _count, style: _style, upscale: _upscale, restoreFaces: _faces, ...settings } = emptyDraft;
	return (
		<button type="button" className="w-fit text-sm text-ember-ink underline underline-offset-4" onClick={() => onChange(settings)}>
			Back to the defaults
		</button>
	);
}
