import { useState } from "react";
import { IconButton } from "../../ui/IconButton.tsx";
import type { Editor } from "./canvas/editor.ts";
import type { ToolName } from "./canvas/tools.ts";
import { Brush, Clear, Eraser, Grow, Invert, Lasso, Rectangle, Redo, Shrink, Undo } from "./editIcons.tsx";
import { useEditorState } from "./useEditor.ts";

const tools: readonly { name: ToolName; label: string; key: string; icon: React.ReactNode }[] = [
	{ name: "brush", label: "Brush", key: "B", icon: <Brush /> },
	{ name: "eraser", label: "Eraser", key: "E", icon: <Eraser /> },
	{ name: "lasso", label: "Lasso", key: "L", icon: <Lasso /> },
	{ name: "rectangle", label: "Rectangle", key: "R", icon: <Rectangle /> },
];
/** One press makes the mask this much wider, as a part of the picture's longer side. */
const growShare = 1 / 256;

/** The tools for the mask, and what is done to all of it. */
export function Toolbar({ editor }: { editor: Editor | null }) {
	const state = useEditorState(editor);
	const step = Math.max(1, Math.round(Math.max(editor?.mask.width ?? 0, editor?.mask.height ?? 0) * growShare));
	const isEmpty = !state?.box;
	return (
		<div role="toolbar" aria-label="Mask" className="flex flex-wrap items-center gap-x-3 border-b border-line px-2 py-1">
			<div className="flex">
				{tools.map(({ name, label, key, icon }) => (
					<IconButton
						key={name}
						label={label}
						aria-keyshortcuts={key}
						aria-pressed={state?.tool === name}
						onClick={() => editor?.setTool(name)}
					>
						{icon}
					</IconButton>
				))}
			</div>
			<SizeSlider editor={editor} />
			<div className="flex">
				<IconButton label="Undo" aria-keyshortcuts="Control+Z Meta+Z" disabled={!state?.canUndo} onClick={() => editor?.undo()}>
					<Undo />
				</IconButton>
				<IconButton label="Redo" aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z" disabled={!state?.canRedo} onClick={() => editor?.redo()}>
					<Redo />
				</IconButton>
			</div>
			<div className="flex">
				<IconButton label="Invert the mask" aria-keyshortcuts="Shift+V" onClick={() => editor?.run({ kind: "invert" })}>
					<Invert />
				</IconButton>
				<IconButton label={`Grow the mask by ${step} px`} disabled={isEmpty} onClick={() => editor?.run({ kind: "grow", by: step })}>
					<Grow />
				</IconButton>
				<IconButton label={`Shrink the mask by ${step} px`} disabled={isEmpty} onClick={() => editor?.run({ kind: "grow", by: -step })}>
					<Shrink />
				</IconButton>
				<IconButton label="Clear the mask" disabled={isEmpty} onClick={() => editor?.run({ kind: "clear" })}>
					<Clear />
				</IconButton>
			</div>
		</div>
	);
}

/** By the logarithm: as fine for small brushes as for large ones. */
function SizeSlider({ editor }: { editor: Editor | null }) {
	const brushPx = useEditorState(editor)?.brushPx ?? 2;
	const most = Math.max(64, Math.max(editor?.mask.width ?? 0, editor?.mask.height ?? 0) / 2);
	const share = Math.log(brushPx / 2) / Math.log(most / 2);
	const [id] = useState(() => crypto.randomUUID());
	return (
		<div className="flex h-10 items-center gap-2">
			<label htmlFor={id} className="sr-only">
				Brush size
			</label>
			<input
				id={id}
				type="range"
				min={0}
				max={1}
				step={0.01}
				value={Math.min(1, Math.max(0, share))}
				aria-valuetext={`${brushPx} pixels`}
				aria-keyshortcuts="[ ]"
				title="Brush size: [ and ]"
				className="h-10 w-24 accent-(--ember-ink)"
				onChange={(event) => editor?.setBrush(2 * (most / 2) ** Number(event.target.value))}
			/>
			<span aria-hidden="true" className="w-16 font-mono text-xs text-ink-soft tabular-nums">
				{brushPx} px
			</span>
		</div>
	);
}
