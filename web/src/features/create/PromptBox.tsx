import { type RefObject, useRef } from "react";
import { isMac } from "../../app/shortcuts.ts";

interface Props {
	value: string;
	/** Newest first. */
	history: readonly string[];
	boxRef: RefObject<HTMLTextAreaElement | null>;
	onChange(prompt: string): void;
	onRun(): void;
}

/** Ctrl or Cmd with Enter runs; Alt with Up and Down goes through earlier prompts. */
export function PromptBox({ value, history, boxRef, onChange, onRun }: Props) {
	const place = useRef(-1);
	const unsent = useRef("");

	const recall = (by: 1 | -1) => {
		const next = Math.min(history.length - 1, Math.max(-1, place.current + by));
		if (place.current === -1) unsent.current = value;
		place.current = next;
		onChange(next === -1 ? unsent.current : (history[next] ?? value));
	};
	return (
		<label className="grid gap-2">
			<span className="flex items-baseline justify-between gap-3">
				<span className="text-sm font-medium text-ink-soft">What should it show?</span>
				<span aria-hidden="true" className="hidden font-mono text-xs text-ink-faint lg:inline">
					{isMac ? "Cmd" : "Ctrl"}+Enter runs
				</span>
			</span>
			<textarea
				ref={boxRef}
				className="field field-sizing-content max-h-72 min-h-28 resize-y rounded-xl px-3.5 py-3 text-[17px] leading-snug"
				value={value}
				maxLength={2_000}
				enterKeyHint="enter"
				placeholder="A red fox, 3d"
				title={`${isMac ? "Cmd" : "Ctrl"}+Enter runs. ${isMac ? "Option" : "Alt"}+Up brings back an earlier prompt.`}
				aria-keyshortcuts="Control+Enter Meta+Enter Alt+ArrowUp Alt+ArrowDown"
				onChange={(event) => {
					place.current = -1;
					onChange(event.target.value);
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
						event.preventDefault();
						if (!event.repeat) onRun();
					} else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
						event.preventDefault();
						recall(event.key === "ArrowUp" ? 1 : -1);
					}
				}}
			/>
		</label>
	);
}
