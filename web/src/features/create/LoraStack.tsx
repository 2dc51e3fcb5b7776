import type { Model } from "@glassworks/sdk";
import { IconButton } from "../../ui/IconButton.tsx";
import { Close } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import type { LoraDraft } from "./draft.ts";

interface Props {
	known: Model["takes"]["loras"];
	value: readonly LoraDraft[];
	onChange(value: LoraDraft[]): void;
}

/** The API's limit. */
const most = 8;

export function LoraStack({ known, value, onChange }: Props) {
	const free = known.filter(({ name }) => !value.some((lora) => lora.name === name));
	return (
		<fieldset className="grid gap-2">
			<legend className="mb-1.5 text-sm font-medium text-ink-soft">LoRAs</legend>
			{value.map((lora) => (
				<div key={lora.name} className="flex items-end gap-2">
					<span className="min-w-0 flex-1 truncate pb-2.5 text-sm">{known.find(({ name }) => name === lora.name)?.title ?? lora.name}</span>
					<div className="w-24">
						<NumberField
							label={`Strength of ${lora.name}`}
							labelHidden
							value={lora.strength}
							onChange={(strength) =>
								onChange(value.map((each) => (each.name === lora.name ? { ...each, strength: strength ?? 1 } : each)))
							}
							{...{ min: -2, max: 2, step: 0.05 }}
							placeholder="1"
						/>
					</div>
					<IconButton label={`Remove ${lora.name}`} onClick={() => onChange(value.filter(({ name }) => name !== lora.name))}>
						<Close />
					</IconButton>
				</div>
			))}
			{free.length > 0 && value.length < most && (
				<select
					aria-label="Add a LoRA"
					className="field h-10 px-2.5 text-sm"
					value=""
					onChange={(event) => onChange([...value, { name: event.target.value, strength: 1 }])}
				>
					<option value="">Add a LoRA</option>
					{free.map(({ name, title }) => (
						<option key={name} value={name}>
							{title}
						</option>
					))}
				</select>
			)}
		</fieldset>
	);
}
