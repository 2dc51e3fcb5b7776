import type { Model } from "@glassworks/sdk";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Close, Plus } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Switch } from "../../ui/Switch.tsx";
import type { ControlDraft } from "./draft.ts";
import { PictureField } from "./PictureField.tsx";

type Takes = Model["takes"];
interface Props {
	takes: Takes;
	value: readonly ControlDraft[];
	onChange(value: ControlDraft[]): void;
}

/** The API's limit. */
const most = 8;

/** ControlNets, laid over each other in this order. */
export function ControlStack({ takes, value, onChange }: Props) {
	const limit = Math.min(most, takes.max_controls ?? most);
	const [first] = takes.controls;
	const add = () =>
		first && onChange([...value, { net: first.net, picture: null, strength: 1, start: 0, end: 1, preprocess: first.preprocess }]);
	return (
		<fieldset className="grid gap-2">
			<legend className="mb-1.5 text-sm font-medium text-ink-soft">ControlNets</legend>
			{value.map((control, at) => (
				<Control
					// biome-ignore lint/suspicious/noArrayIndexKey: its place is all that tells it from another.
					key={at}
					place={at + 1}
					known={takes.controls}
					value={control}
					onChange={(change) => onChange(value.map((each, index) => (index === at ? { ...each, ...change } : each)))}
					onRemove={() => onChange(value.filter((_, index) => index !== at))}
				/>
			))}
			{value.length < limit && (
				<Button className="justify-self-start" onClick={add}>
					<Plus />
					Add a ControlNet
				</Button>
			)}
		</fieldset>
	);
}

interface ControlProps {
	place: number;
	known: Takes["controls"];
	value: ControlDraft;
	onChange(change: Partial<ControlDraft>): void;
	onRemove(): void;
}

function Control({ place, known, value, onChange, onRemove }: ControlProps) {
	const { net, picture, strength, start, end, preprocess } = value;
	const range = { min: 0, max: 1, step: 0.05 };
	return (
		<fieldset className="grid gap-3 rounded-xl border border-line bg-surface p-3">
			<legend className="sr-only">ControlNet {place}</legend>
			<div className="flex items-center gap-2">
				<select
					aria-label={`Kind of ControlNet ${place}`}
					className="field h-10 min-w-0 flex-1 px-2.5 text-sm"
					value={net}
					onChange={(event) => {
						const picked = known.find((each) => each.net === event.target.value);
						onChange({ net: event.target.value, preprocess: picked?.preprocess ?? false });
					}}
				>
					{known.map((each) => (
						<option key={each.net} value={each.net}>
							{each.title}
						</option>
					))}
				</select>
				<IconButton label={`Remove ControlNet ${place}`} onClick={onRemove}>
					<Close />
				</IconButton>
			</div>
			<PictureField label={`Picture of ControlNet ${place}`} value={picture} onChange={(next) => onChange({ picture: next })} />
			<div className="grid grid-cols-3 gap-2">
				<NumberField
					label="Strength"
					value={strength}
					onChange={(next) => onChange({ strength: next ?? 1 })}
					{...{ ...range, max: 2 }}
					placeholder="1"
				/>
				<NumberField label="Start" value={start} onChange={(next) => onChange({ start: next ?? 0 })} {...range} placeholder="0" />
				<NumberField label="End" value={end} onChange={(next) => onChange({ end: next ?? 1 })} {...range} placeholder="1" />
			</div>
			{known.find((each) => each.net === net)?.preprocess && (
				<Switch
					label="The picture is a photograph"
					note="Its map is made from it. Off: the picture is the map."
					checked={preprocess}
					onChange={(next) => onChange({ preprocess: next })}
				/>
			)}
		</fieldset>
	);
}
