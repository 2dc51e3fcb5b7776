import { count } from "../../format/count.ts";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Close } from "../../ui/icons.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { TextArea } from "../../ui/TextArea.tsx";
import { type Axis, axisValues } from "./axes.ts";
import { fieldKind, fieldLabel, fields } from "./fields.ts";

const ways = {
	text: "One value on each line.",
	integer: "One on each line, with commas between, or as a range: 1-8.",
	number: "One on each line, or with commas between.",
	boolean: "on and off.",
	picture: "One address on each line.",
};

/** Every combination of the values becomes an item; the last field changes fastest. */
export function MatrixSource({ axes, onChange }: { axes: readonly Axis[]; onChange(axes: readonly Axis[]): void }) {
	const counts = axes.map((axis) => axisValues(axis).length);
	const items = counts.reduce((product, each) => product * each, 1);
	const free = fields.filter(({ name }) => !axes.some((axis) => axis.field === name));
	const set = (at: number, next: Partial<Axis>) => onChange(axes.map((axis, other) => (other === at ? { ...axis, ...next } : axis)));
	return (
		<div className="grid gap-4">
			{axes.map((axis, at) => (
				<fieldset
					key={axis.field}
					className="grid gap-3 rounded-xl border border-line bg-surface p-3 sm:grid-cols-[11rem_minmax(0,1fr)_auto]"
				>
					<legend className="sr-only">Axis {at + 1}</legend>
					<SelectField
						label={`Axis ${at + 1}`}
						value={axis.field}
						onChange={(field) => set(at, { field })}
						choices={[{ name: axis.field, label: fieldLabel(axis.field) }, ...free].map(({ name, label }) => ({ value: name, label }))}
					/>
					<TextArea
						label={`Values of ${fieldLabel(axis.field).toLowerCase()}`}
						value={axis.values}
						onChange={(event) => set(at, { values: event.target.value })}
						rows={fieldKind(axis.field) === "text" ? 4 : 2}
						className={fieldKind(axis.field) === "text" ? "" : "font-mono text-sm"}
						hint={counts[at] ? count(counts[at], "value") : ways[fieldKind(axis.field)]}
					/>
					<IconButton
						label={`Remove axis ${at + 1}`}
						className="sm:mt-6"
						disabled={axes.length === 1}
						onClick={() => onChange(axes.filter((other) => other !== axis))}
					>
						<Close />
					</IconButton>
				</fieldset>
			))}
			<div className="flex flex-wrap items-center justify-between gap-3">
				<Button disabled={axes.length >= 6 || !free[0]} onClick={() => free[0] && onChange([...axes, { field: free[0].name, values: "" }])}>
					Add an axis
				</Button>
				<p className="font-mono text-sm text-ink-soft tabular-nums">
					{counts.join(" x ")} = {count(items, "item")}
				</p>
			</div>
			{!axes.some(({ field }) => field === "prompt") && <p className="text-sm text-alarm-ink">One axis has to be the prompt.</p>}
		</div>
	);
}
