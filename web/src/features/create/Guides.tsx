import type { Model } from "@glassworks/sdk";
import { NumberField } from "../../ui/NumberField.tsx";
import { ControlStack } from "./ControlStack.tsx";
import type { Draft } from "./draft.ts";
import { LoraStack } from "./LoraStack.tsx";
import { PictureField } from "./PictureField.tsx";

interface Props {
	draft: Draft;
	model: Model;
	onChange(change: Partial<Draft>): void;
}

/** What a model can be given besides words: a picture to start from, ControlNets, LoRAs. Only what it takes is offered. */
export function Guides({ draft, model, onChange }: Props) {
	const { takes } = model;
	if (!takes.image && takes.controls.length === 0 && takes.loras.length === 0 && !draft.image) return null;
	return (
		<section aria-label="Pictures and add-ons" className="grid gap-4">
			{(takes.image || draft.image) && (
				<div className="grid gap-2">
					<PictureField label="Start from a picture" value={draft.image} takesPaste onChange={(image) => onChange({ image })} />
					{draft.image && (
						<NumberField
							label="How far to leave it (0 keeps it, 1 ignores it)"
							value={draft.strength}
							onChange={(strength) => onChange({ strength })}
							{...{ min: 0, max: 1, step: 0.05 }}
							placeholder="auto (0.7)"
						/>
					)}
				</div>
			)}
			{takes.controls.length > 0 && <ControlStack takes={takes} value={draft.controls} onChange={(controls) => onChange({ controls })} />}
			{takes.loras.length > 0 && <LoraStack known={takes.loras} value={draft.loras} onChange={(loras) => onChange({ loras })} />}
		</section>
	);
}
