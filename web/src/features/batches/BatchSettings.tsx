import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { money } from "../../format/money.ts";
import { NumberField } from "../../ui/NumberField.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { TextField } from "../../ui/TextField.tsx";
import type { BatchDraft } from "./batchDraft.ts";

interface Props {
	draft: BatchDraft;
	onChange(changes: Partial<BatchDraft>): void;
}

/** What all items have in common; what an item says itself goes first. */
export function BatchSettings({ draft, onChange }: Props) {
	const models = useQuery({ queryKey: ["models"], queryFn: ({ signal }) => api.models.list({ signal }) });
	const drawing = (models.data ?? []).filter(({ steps }) => steps.includes("generate"));
	const preset = drawing.find((model) => model.default);
	const model = drawing.find(({ name }) => name === draft.model) ?? preset;
	const choices = [
		{ value: "", label: preset ? `Auto (${preset.title})` : "Auto" },
		...drawing.map(({ name, title, price_micro_usd: price }) => ({ value: name, label: `${title}, ${money(price)}` })),
	];
	const side = { min: 64, max: 4_096, step: 8, placeholder: String(model?.default_side ?? "the model's") };
	return (
		<section aria-labelledby="for-all" className="grid gap-4">
			<h2 id="for-all" className="text-base font-semibold">
				For all items
			</h2>
			<div className="grid gap-4 sm:grid-cols-2">
				<SelectField label="Model" value={draft.model ?? ""} choices={choices} onChange={(name) => onChange({ model: name || null })} />
				<NumberField
					label="Pictures of each"
					value={draft.count}
					onChange={(value) => onChange({ count: value ?? 1 })}
					min={1}
					max={100}
					placeholder="1"
				/>
				<NumberField label="Width" value={draft.width} onChange={(width) => onChange({ width })} {...side} />
				<NumberField label="Height" value={draft.height} onChange={(height) => onChange({ height })} {...side} />
				<NumberField
					label="Steps"
					value={draft.steps}
					onChange={(steps) => onChange({ steps })}
					min={1}
					max={model?.max_steps ?? 150}
					placeholder={String(model?.default_steps ?? "the model's")}
				/>
				<TextField
					label="Negative prompt"
					value={draft.negativePrompt}
					onChange={(event) => onChange({ negativePrompt: event.target.value })}
					maxLength={2_000}
				/>
			</div>
			<div className="grid gap-x-8 sm:grid-cols-2">
				<Switch label="Upscale 4x" checked={draft.upscale} onChange={(upscale) => onChange({ upscale })} />
				<Switch label="Restore faces" checked={draft.restoreFaces} onChange={(restoreFaces) => onChange({ restoreFaces })} />
			</div>
		</section>
	);
}
