import { IconButton } from "../../ui/IconButton.tsx";
import type { Editor } from "./canvas/editor.ts";
import { Fit, Minus, Plus } from "./editIcons.tsx";
import { useEditorState } from "./useEditor.ts";

const step = 1.25;

export function ZoomControls({ editor }: { editor: Editor | null }) {
	const scale = useEditorState(editor)?.view.scale ?? 1;
	return (
		<div className="absolute right-2 bottom-2 z-10 flex items-center rounded-lg border border-line bg-canvas/90">
			<IconButton label="Smaller" aria-keyshortcuts="-" onClick={() => editor?.zoom(1 / step)}>
				<Minus />
			</IconButton>
			<span className="w-14 text-center font-mono text-xs text-ink-soft tabular-nums">
				<span className="sr-only">Zoom </span>
				{Math.round(scale * 100)} %
			</span>
			<IconButton label="Larger" aria-keyshortcuts="+" onClick={() => editor?.zoom(step)}>
				<Plus />
			</IconButton>
			<IconButton label="Fit the picture" aria-keyshortcuts="0" onClick={() => editor?.fit()}>
				<Fit />
			</IconButton>
		</div>
	);
}
