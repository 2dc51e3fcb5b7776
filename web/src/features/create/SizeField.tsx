import type { Model } from "@glassworks/sdk";
import { Chips } from "../../ui/Chips.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import type { Draft } from "./draft.ts";
import { shapesOf } from "./sizes.ts";

interface Props {
	draft: Draft;
	model: Model;
	planMaxSide: number | null;
	onChange(change: Partial<Draft>): void;
}

/** Shapes to choose from, and pixels for those who know what they want. */
export function SizeField({ draft, model, planMaxSide, onChange }: Props) {
	const shapes = shapesOf(model, planMaxSide);
	const square = shapes[0];
	const width = draft.width ?? square?.width ?? model.default_side;
	const height = draft.height ?? square?.height ?? model.default_side;
	const chosen = shapes.find((shape) => shape.width === width && shape.height === height)?.name ?? null;
	const limits = { min: model.min_side, max: Math.min(model.max_side, planMaxSide ?? model.max_side), step: 8 };
	return (
		<div className="grid gap-3">
			<Chips
				legend="Shape"
				value={chosen}
				onChange={(name) => {
					const shape = shapes.find((entry) => entry.name === name);
					if (shape) onChange(shape === square ? { width: null, height: null } : { width: shape.width, height: shape.height });
				}}
				choices={shapes.map((shape) => ({
					value: shape.name,
					name: `${shape.name}, ${shape.width} by ${shape.height} pixels`,
					label: (
						<>
							<Outline width={shape.width} height={shape.height} />
							{shape.name}
						</>
					),
				}))}
			/>
			<div className="grid grid-cols-2 gap-3">
				<NumberField
					label="Width in px"
					value={draft.width}
					onChange={(value) => onChange(value === null ? { width: null, height: null } : { width: value, height })}
					{...limits}
					placeholder={`auto (${width})`}
				/>
				<NumberField
					label="Height in px"
					value={draft.height}
					onChange={(value) => onChange(value === null ? { width: null, height: null } : { width, height: value })}
					{...limits}
					placeholder={`auto (${height})`}
				/>
			</div>
		</div>
	);
}

function Outline({ width, height }: { width: number; height: number }) {
	const scale = 14 / Math.max(width, height);
	return (
		<span
			aria-hidden="true"
			className="rounded-[3px] border-[1.5px] border-current"
			style={{ width: width * scale, height: height * scale }}
		/>
	);
}
