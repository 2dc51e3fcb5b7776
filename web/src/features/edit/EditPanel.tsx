import { GlassworksApiError } from "@glassworks/sdk";
import { adviceFor } from "../../format/advice.ts";
import { Chips } from "../../ui/Chips.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Ticket } from "../create/Ticket.tsx";
import type { Editor } from "./canvas/editor.ts";
import type { PictureLevels } from "./canvas/pictureLevels.ts";
import { type EditSettings, maxPrompt, missing, needsPrompt, type Operation, takesPrompt } from "./editRequest.ts";
import { MaskOptions } from "./MaskOptions.tsx";
import { OutpaintOptions } from "./OutpaintOptions.tsx";
import type { PictureRef } from "./pictureRef.ts";
import { useEditorState } from "./useEditor.ts";
import { useEditQuote } from "./useEditQuote.ts";
import { useSendEdit } from "./useSendEdit.ts";

interface Props {
	base: PictureRef;
	picture: PictureLevels;
	editor: Editor | null;
	settings: EditSettings;
	onSettings(change: Partial<EditSettings>): void;
	onSent(jobId: string): void;
}

const modes: readonly { value: Operation; label: string }[] = [
	{ value: "remove", label: "Remove" },
	{ value: "replace", label: "Replace" },
	{ value: "insert", label: "Insert" },
	{ value: "outpaint", label: "Outpaint" },
];
const verbs: Record<Operation, string> = {
	remove: "Remove it",
	replace: "Replace it",
	insert: "Insert it",
	outpaint: "Extend the picture",
};
const counts = [1, 2, 3, 4].map((value) => ({ value, label: String(value), name: value === 1 ? "1 result" : `${value} results` }));

/** What is to happen, what it costs and who does it; then the button. */
export function EditPanel({ base, picture, editor, settings, onSettings, onSent }: Props) {
	const state = useEditorState(editor);
	const box = state?.box ?? null;
	const quote = useEditQuote(base, settings, box, picture);
	const send = useSendEdit({ base, settings, editor, onSent });
	const coversAll = box !== null && box.right - box.left === picture.width && box.bottom - box.top === picture.height;
	const isFull = coversAll && editor !== null && !editor.mask.values.includes(0);
	const open = missing(settings, box, isFull);
	const refused = quote.error instanceof GlassworksApiError && quote.error.status < 500 && quote.error.status !== 429;
	const failed = send.error && adviceFor(send.error);
	const run = () => {
		if (open === null && !refused && !send.isPending) send.mutate();
	};
	return (
		<form
			aria-label="Edit"
			className="grid gap-4"
			onSubmit={(event) => {
				event.preventDefault();
				run();
			}}
		>
			<Chips
				legend="What to do"
				legendHidden
				choices={modes}
				value={settings.operation}
				onChange={(operation) => onSettings({ operation })}
			/>
			{takesPrompt(settings.operation) && <Prompt settings={settings} onSettings={onSettings} onRun={run} />}
			{settings.operation === "outpaint" ? (
				<OutpaintOptions size={picture} margins={settings.margins} onChange={(margins) => onSettings({ margins })} />
			) : (
				<MaskOptions editor={editor} featherPx={settings.featherPx} onFeather={(featherPx) => onSettings({ featherPx })} />
			)}
			<Chips legend="Results" choices={counts} value={settings.count} onChange={(count) => onSettings({ count })} />
			<div className="grid gap-2">
				{quote.data && !refused && (
					<p className="text-[13px] text-ink-soft">
						<span className="font-medium text-ink">Done by: </span>
						{quote.data.model}
						<Softness quote={quote.data} />
					</p>
				)}
				<Ticket quote={refused ? undefined : quote.data} count={settings.count} error={quote.error} />
			</div>
			{failed && <Notice title={failed.title}>{failed.advice}</Notice>}
			{open && !refused && <p className="text-sm text-ember-ink">{open}</p>}
			<button
				type="submit"
				disabled={open !== null || refused || send.isPending}
				className="molten h-12 w-full rounded-xl text-base font-semibold hover:brightness-105 disabled:opacity-60"
			>
				{send.isPending ? "Sending" : verbs[settings.operation]}
			</button>
		</form>
	);
}

/** What is painted smaller than it lies in the picture comes out softer. */
function Softness({ quote }: { quote: { window: { width: number; painted_width: number } } }) {
	const { width, painted_width: painted } = quote.window;
	if (painted >= width) return null;
	return <> at {Math.round((100 * painted) / width)} % of its size: mark less for more detail</>;
}

interface PromptProps {
	settings: EditSettings;
	onSettings(change: Partial<EditSettings>): void;
	onRun(): void;
}

function Prompt({ settings, onSettings, onRun }: PromptProps) {
	return (
		<label className="grid gap-1.5">
			<span className="text-sm font-medium text-ink-soft">
				{needsPrompt(settings.operation) ? "What should be there?" : "What the border shows (optional)"}
			</span>
			<textarea
				className="field field-sizing-content max-h-48 min-h-16 resize-y rounded-xl px-3.5 py-2.5 text-base leading-snug"
				value={settings.prompt}
				maxLength={maxPrompt}
				placeholder={needsPrompt(settings.operation) ? "A red apple" : ""}
				aria-keyshortcuts="Control+Enter Meta+Enter"
				onChange={(event) => onSettings({ prompt: event.target.value })}
				onKeyDown={(event) => {
					if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
					event.preventDefault();
					if (!event.repeat) onRun();
				}}
			/>
		</label>
	);
}
