import type { Model } from "@glassworks/sdk";
import { useId, useState } from "react";
import { took } from "../../format/duration.ts";
import { money } from "../../format/money.ts";
import { Down } from "../../ui/icons.tsx";

interface Props {
	models: readonly Model[];
	current: Model;
	/** No model was chosen: the server's default is used, whichever it is then. */
	isAuto: boolean;
	onPick(model: Model): void;
	onAuto(standard: Model): void;
}

const choice =
	"relative flex cursor-pointer rounded-lg p-2 hover:bg-raised has-checked:bg-ember-wash has-focus-visible:outline-2 has-focus-visible:outline-ember-ink";

/** The model in use, with what it is; unfolds into all of them. */
export function ModelPicker({ models, current, isAuto, onPick, onAuto }: Props) {
	const [isOpen, setOpen] = useState(false);
	const listId = useId();
	if (models.length === 1)
		return (
			<section aria-label="Model" className="rounded-xl border border-line bg-surface p-3">
				<About model={current} />
			</section>
		);
	return (
		<section aria-label="Model" className="rounded-xl border border-line bg-surface">
			<button
				type="button"
				aria-expanded={isOpen}
				aria-controls={listId}
				onClick={() => setOpen(!isOpen)}
				className="flex w-full items-start gap-3 rounded-xl p-3 text-left hover:bg-raised"
			>
				<About model={current} prefix={isAuto ? "Auto: " : ""} />
				<span className={`mt-0.5 text-ink-soft transition-transform ${isOpen ? "rotate-180" : ""}`}>
					<Down />
				</span>
			</button>
			<fieldset id={listId} hidden={!isOpen} className="grid gap-1 border-t border-line p-1.5">
				<legend className="sr-only">Choose a model</legend>
				<label className={choice}>
					<input
						type="radio"
						name={listId}
						className="sr-only"
						checked={isAuto}
						onChange={() => onAuto(models.find((model) => model.default) ?? current)}
					/>
					<span className="grid gap-1">
						<span className="font-semibold">Auto</span>
						<span className="text-[13px] leading-snug text-ink-soft">What this server uses when nobody chooses.</span>
					</span>
				</label>
				{models.map((model) => (
					<label key={model.name} className={choice}>
						<input
							type="radio"
							name={listId}
							className="sr-only"
							checked={!isAuto && model.name === current.name}
							onChange={() => onPick(model)}
						/>
						<About model={model} />
					</label>
				))}
			</fieldset>
		</section>
	);
}

function About({ model, prefix = "" }: { model: Model; prefix?: string }) {
	return (
		<span className="grid min-w-0 flex-1 gap-1">
			<span className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
				<span className="font-semibold">
					{prefix}
					{model.title}
				</span>
				<span className="font-mono text-[13px] text-ink-soft">
					{money(model.price_micro_usd)} · {speed(model)} · {model.default_side} px
				</span>
			</span>
			{model.notice && <span className="text-[13px] leading-snug text-ink-soft">{sentence(model.notice)}</span>}
			{!model.available && <span className="text-[13px] text-alarm-ink">No worker has it right now: pictures wait for one.</span>}
		</span>
	);
}

/** How long a picture takes, where that was measured. */
function speed({ measured, default_steps: steps }: Model): string {
	return measured.run_ms === null ? `${steps} steps` : took(measured.run_ms);
}

function sentence(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
