import { type Dispatch, type RefObject, type SetStateAction, useRef, useState } from "react";
import { CompareBar, CompareLine } from "./CompareBar.tsx";
import type { Editor } from "./canvas/editor.ts";
import type { PictureLevels } from "./canvas/pictureLevels.ts";
import { EditPanel } from "./EditPanel.tsx";
import { OtherPicture } from "./EditStart.tsx";
import type { EditSettings } from "./editRequest.ts";
import type { EditSession } from "./editSession.ts";
import { OutpaintFrame } from "./OutpaintFrame.tsx";
import { noMargins } from "./outpaint.ts";
import type { PictureRef } from "./pictureRef.ts";
import { Results } from "./Results.tsx";
import { Toolbar } from "./Toolbar.tsx";
import { useBench } from "./useBench.ts";
import { useEditorState } from "./useEditor.ts";
import { ZoomControls } from "./ZoomControls.tsx";

interface Props {
	base: PictureRef;
	picture: PictureLevels;
	session: EditSession;
	onChange: Dispatch<SetStateAction<EditSession>>;
	/** Whether a reload would find this work again. */
	isKept: boolean;
}

/** The picture with its mask, and beside it what is to happen to it. */
export function EditBench({ base, picture, session, onChange, isKept }: Props) {
	const host = useRef<HTMLDivElement>(null);
	const { settings } = session;
	const [shown, setShown] = useState<PictureRef | null>(null);
	const { editor, compare } = useBench(host, { picture, session, shown, setShown, onChange });
	const state = useEditorState(editor);
	const isOutpaint = settings.operation === "outpaint";
	const masks = !isOutpaint && shown === null;

	const set = (change: Partial<EditSettings>) => onChange((before) => ({ ...before, settings: { ...before.settings, ...change } }));
	return (
		<div className="grid flex-1 content-start lg:h-[calc(100dvh-3.5rem)] lg:flex-none lg:grid-cols-[minmax(0,1fr)_24rem] lg:grid-rows-[minmax(0,1fr)] lg:content-stretch">
			<h1 className="sr-only">Edit</h1>
			<div className="flex min-h-0 min-w-0 flex-col">
				{shown ? (
					<CompareBar {...compare} onClose={() => setShown(null)} />
				) : isOutpaint ? (
					<OutpaintBar picture={picture} />
				) : (
					<Toolbar editor={editor} />
				)}
				<div className="relative h-[46dvh] min-h-64 overflow-hidden bg-sunken lg:h-auto lg:flex-1">
					<StageHost host={host} editor={editor} onEscape={() => setShown(null)} />
					{isOutpaint && !shown && state && (
						<OutpaintFrame view={state.view} size={picture} margins={settings.margins} onChange={(next) => set({ margins: next })} />
					)}
					{shown && <CompareLine {...compare} />}
					<ZoomControls editor={editor} />
				</div>
				<Status picture={picture} box={masks ? (state?.box ?? null) : null} masks={masks} isKept={isKept} />
			</div>
			<div className="grid content-start gap-5 border-line p-4 lg:overflow-y-auto lg:border-l lg:p-5">
				<EditPanel
					base={base}
					picture={picture}
					editor={editor}
					settings={settings}
					onSettings={set}
					onSent={(jobId) =>
						onChange((before) => ({
							...before,
							sent: [...before.sent, { jobId, margins: isOutpaint ? settings.margins : noMargins }],
						}))
					}
				/>
				<Results session={session} shown={shown} onShow={setShown} onChange={onChange} />
			</div>
		</div>
	);
}

interface StageProps {
	host: RefObject<HTMLDivElement | null>;
	editor: Editor | null;
	onEscape(): void;
}

/** Where the editor draws; with the focus it takes the keys that draw. */
function StageHost({ host, editor, onEscape }: StageProps) {
	return (
		<div
			ref={host}
			role="application"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys, as its role says.
			tabIndex={0}
			aria-label="Picture"
			aria-describedby="stage-keys"
			className="absolute inset-0 select-none focus-visible:-outline-offset-2"
			onKeyDown={(event) => {
				if (!editor || event.ctrlKey || event.metaKey || event.altKey) return;
				if (event.key === "Escape") onEscape();
				if (editor.pressKey(event.key, event.shiftKey)) event.preventDefault();
			}}
			onBlur={() => editor?.hideCross()}
		/>
	);
}

function OutpaintBar({ picture }: { picture: PictureLevels }) {
	return (
		<p className="flex min-h-12 items-center border-b border-line px-4 text-sm text-ink-soft">
			Pull the handles outwards. The picture is {picture.width} x {picture.height} px now.
		</p>
	);
}

interface StatusProps {
	picture: PictureLevels;
	box: { left: number; top: number; right: number; bottom: number } | null;
	masks: boolean;
	isKept: boolean;
}

/** What is marked, in a line; it is also what a screen reader hears of it. */
function Status({ picture, box, masks, isKept }: StatusProps) {
	const marked = box
		? `Marked: ${box.right - box.left} x ${box.bottom - box.top} px at ${box.left}, ${box.top}`
		: masks
			? "Nothing is marked"
			: "";
	return (
		<div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 border-line border-t px-4 py-1 font-mono text-xs text-ink-soft">
			<p role="status">{marked}</p>
			<p id="stage-keys" className="sr-only">
				Arrow keys move a cross, with Shift farther. Enter puts the tool down there and lifts it again; Escape takes it back.
			</p>
			{!isKept && <p className="text-alarm-ink">This mask is too detailed to be kept over a reload: export it.</p>}
			<p className="flex items-center gap-3">
				{picture.width} x {picture.height} px
				<OtherPicture />
			</p>
		</div>
	);
}
