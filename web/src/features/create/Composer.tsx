import { GlassworksApiError, type Model, type Quote } from "@glassworks/sdk";
import { lazy, type RefObject, Suspense, useState } from "react";
import { adviceFor } from "../../format/advice.ts";
import { money } from "../../format/money.ts";
import { Chips } from "../../ui/Chips.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { type Draft, fitToModel, toRequest } from "./draft.ts";
import { Guides } from "./Guides.tsx";
import { ModelPicker } from "./ModelPicker.tsx";
import { PromptBox } from "./PromptBox.tsx";
import { SettingsPanel } from "./SettingsPanel.tsx";
import { Ticket } from "./Ticket.tsx";
import { useQuote } from "./useQuote.ts";

const CodeDialog = lazy(async () => ({ default: (await import("./CodeDialog.tsx")).CodeDialog }));

interface Props {
	draft: Draft;
	onChange(change: Partial<Draft>): void;
	models: readonly Model[];
	model: Model;
	planMaxSide: number | null;
	history: readonly string[];
	promptRef: RefObject<HTMLTextAreaElement | null>;
	onGenerate(): void;
	isSending: boolean;
	sendError: Error | null;
}

const counts = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => ({
	value,
	label: String(value),
	name: value === 1 ? "1 picture" : `${value} pictures`,
}));

export function Composer({ draft, onChange, models, model, planMaxSide, history, promptRef, onGenerate, isSending, sendError }: Props) {
	const quote = useQuote(draft);
	const styles = [{ value: null, label: "Auto" }, ...model.styles.map((value) => ({ value, label: capital(value) }))];
	const refused = quote.error instanceof GlassworksApiError && quote.error.status < 500 && quote.error.status !== 429;
	const sent = sendError && adviceFor(sendError);
	return (
		<form
			aria-label="New picture"
			className="grid gap-4"
			onSubmit={(event) => {
				event.preventDefault();
				onGenerate();
			}}
		>
			<PromptBox value={draft.prompt} history={history} boxRef={promptRef} onChange={(prompt) => onChange({ prompt })} onRun={onGenerate} />
			<ModelPicker
				models={models}
				current={model}
				isAuto={draft.model === null}
				onPick={(picked) => onChange(fitToModel(draft, picked))}
				onAuto={(auto) => onChange({ ...fitToModel(draft, auto), model: null })}
			/>
			<Guides draft={draft} model={model} onChange={onChange} />
			{model.styles.length > 0 && <Chips legend="Style" choices={styles} value={draft.style} onChange={(style) => onChange({ style })} />}
			<Chips legend="Pictures" choices={counts} value={draft.count} onChange={(count) => onChange({ count })} />
			<div className="grid gap-1">
				<Switch
					label="Upscale 4x"
					note={extraNote(quote.data, "upscale", draft.upscale)}
					checked={draft.upscale}
					onChange={(upscale) => onChange({ upscale })}
				/>
				<Switch
					label="Restore faces"
					note={extraNote(quote.data, "restore_faces", draft.restoreFaces)}
					checked={draft.restoreFaces}
					onChange={(restoreFaces) => onChange({ restoreFaces })}
				/>
			</div>
			<SettingsPanel draft={draft} model={model} planMaxSide={planMaxSide} onChange={onChange} />
			<div className="contents bg-canvas lg:sticky lg:bottom-0 lg:z-10 lg:grid lg:gap-3 lg:pb-5">
				<Ticket quote={quote.data} count={draft.count} error={quote.error} />
				{sent && <Notice title={sent.title}>{sent.advice}</Notice>}
				<AsCode draft={draft} />
				<GenerateButton
					label={isSending ? "Sending" : draft.count === 1 ? "Generate" : `Generate ${draft.count} pictures`}
					disabled={isSending || refused}
				/>
			</div>
		</form>
	);
}

function AsCode({ draft }: { draft: Draft }) {
	const [isOpen, setOpen] = useState(false);
	return (
		<div className="flex flex-wrap items-center gap-x-4">
			<button
				type="button"
				className="min-h-10 text-[13px] text-ink-soft underline underline-offset-4 hover:text-ink"
				onClick={() => setOpen(true)}
			>
				Copy as curl, TypeScript or Python
			</button>
			{isOpen && (
				<Suspense>
					<CodeDialog request={toRequest(draft)} onClose={() => setOpen(false)} />
				</Suspense>
			)}
		</div>
	);
}

/** On a desk it stands below the price; on a phone it stays at the thumb while the form scrolls. */
function GenerateButton({ label, disabled }: { label: string; disabled: boolean }) {
	return (
		<div className="-mx-4 bg-canvas px-4 pt-1 pb-4 max-lg:sticky max-lg:bottom-(--tabs) max-lg:z-10 lg:m-0 lg:p-0">
			<button
				type="submit"
				disabled={disabled}
				className="molten flex h-12 w-full items-center justify-center rounded-xl text-base font-semibold hover:brightness-105 disabled:opacity-60"
			>
				{label}
			</button>
		</div>
	);
}

/** The price of an extra, or why it will not happen. */
function extraNote(quote: Quote | undefined, step: string, isOn: boolean): string | undefined {
	if (!isOn || !quote) return undefined;
	const skipped = quote.skipped.find((entry) => entry.step === step);
	if (skipped) return skipped.detail;
	const line = quote.lines.find((entry) => entry.step === step);
	const price = money(line?.unit_micro_usd ?? 0);
	if (step === "restore_faces")
		return line ? `${price} a picture, nothing when it shows no face` : "Free; happens when a picture shows a face";
	return line ? `${price} a picture` : "Free";
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
