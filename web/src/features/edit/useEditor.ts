import { type RefObject, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Command } from "./canvas/commands.ts";
import { Editor, type EditorState } from "./canvas/editor.ts";
import type { PictureLevels } from "./canvas/pictureLevels.ts";

const nothing = () => () => {};

/** The editor in `host`; null until it is there. `commands` are those that were done before. */
export function useEditor(
	host: RefObject<HTMLElement | null>,
	picture: PictureLevels,
	start: { commands: readonly Command[]; featherPx: number },
): Editor | null {
	const [editor, setEditor] = useState<Editor | null>(null);
	const first = useRef(start);
	useLayoutEffect(() => {
		if (!host.current) return;
		const made = new Editor(host.current, { picture, ...first.current });
		setEditor(made);
		return () => made.close();
	}, [host, picture]);
	return editor;
}

export function useEditorState(editor: Editor | null): EditorState | null {
	return useSyncExternalStore(editor?.subscribe ?? nothing, () => editor?.get() ?? null);
}

/** Calls `act` when what was done to the mask changed. */
export function useMaskChanges(editor: Editor | null, act: (commands: readonly Command[]) => void): void {
	const version = useEditorState(editor)?.version ?? 0;
	const latest = useRef(act);
	latest.current = act;
	useEffect(() => {
		if (editor && version > 0) latest.current([...editor.commands]);
	}, [editor, version]);
}
