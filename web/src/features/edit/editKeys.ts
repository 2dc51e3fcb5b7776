import { useEffect, useRef } from "react";
import { isTyping } from "../../app/shortcuts.ts";
import type { Editor } from "./canvas/editor.ts";
import type { ToolName } from "./canvas/tools.ts";

const tools: Readonly<Record<string, ToolName>> = { b: "brush", e: "eraser", l: "lasso", r: "rectangle" };
const zoomStep = 1.25;

/** True: the key meant something. Letters as typed, in lower case; `Mod+` and `Shift+` before them. */
export function runKey(editor: Editor, key: string, masks: boolean): boolean {
	const { brushPx } = editor.get();
	const step = Math.max(1, Math.round(brushPx * 0.15));
	const look: Record<string, () => void> = {
		"0": () => editor.fit(),
		"+": () => editor.zoom(zoomStep),
		"=": () => editor.zoom(zoomStep),
		"-": () => editor.zoom(1 / zoomStep),
	};
	const mask: Record<string, () => void> = {
		"[": () => editor.setBrush(brushPx - step),
		"]": () => editor.setBrush(brushPx + step),
		"Shift+v": () => editor.run({ kind: "invert" }),
		"Mod+z": () => editor.undo(),
		"Mod+Shift+z": () => editor.redo(),
		"Mod+y": () => editor.redo(),
	};
	const tool = tools[key];
	const act = look[key] ?? (masks ? (mask[key] ?? (tool && (() => editor.setTool(tool)))) : undefined);
	act?.();
	return act !== undefined;
}

export function nameOfKey({ key, ctrlKey, metaKey, shiftKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">): string {
	const isLetter = /^[a-z]$/i.test(key);
	return `${ctrlKey || metaKey ? "Mod+" : ""}${shiftKey && isLetter ? "Shift+" : ""}${key.toLowerCase()}`;
}

/** The editor's keys, wherever on the page the focus is, but not in a field or a dialog. */
export function useEditKeys(editor: Editor | null, masks: boolean): void {
	const latest = useRef({ editor, masks });
	latest.current = { editor, masks };
	useEffect(() => {
		const isElsewhere = ({ target, altKey }: KeyboardEvent) =>
			altKey || isTyping(target) || (target instanceof Element && target.closest("dialog") !== null);
		const onDown = (event: KeyboardEvent) => {
			const { editor: current, masks: isMasking } = latest.current;
			if (!current || isElsewhere(event)) return;
			const isControl = event.target instanceof Element && event.target.closest("button, a, input, summary") !== null;
			if (event.key === " " && !isControl) {
				current.holdSpace(true);
				event.preventDefault();
			} else if (runKey(current, nameOfKey(event), isMasking)) event.preventDefault();
		};
		const release = (event: KeyboardEvent | FocusEvent) => {
			if (!("key" in event) || event.key === " ") latest.current.editor?.holdSpace(false);
		};
		window.addEventListener("keydown", onDown);
		window.addEventListener("keyup", release);
		window.addEventListener("blur", release);
		return () => {
			window.removeEventListener("keydown", onDown);
			window.removeEventListener("keyup", release);
			window.removeEventListener("blur", release);
		};
	}, []);
}
