import { type Dispatch, type RefObject, type SetStateAction, useEffect } from "react";
import type { Editor } from "./canvas/editor.ts";
import type { PictureLevels } from "./canvas/pictureLevels.ts";
import { useEditKeys } from "./editKeys.ts";
import type { EditSession } from "./editSession.ts";
import { extendedRect, noMargins } from "./outpaint.ts";
import type { PictureRef } from "./pictureRef.ts";
import { type Compare, useCompare } from "./useCompare.ts";
import { useEditor, useEditorState, useMaskChanges } from "./useEditor.ts";
import { useNewResult } from "./useNewResult.ts";

interface Bench {
	picture: PictureLevels;
	session: EditSession;
	/** The result that lies over the picture. */
	shown: PictureRef | null;
	setShown(result: PictureRef | null): void;
	onChange: Dispatch<SetStateAction<EditSession>>;
}

/** The editor in `host`, kept in step with the session, and the session with it. */
export function useBench(
	host: RefObject<HTMLElement | null>,
	{ picture, session, shown, setShown, onChange }: Bench,
): { editor: Editor | null; compare: Compare } {
	const { settings } = session;
	const editor = useEditor(host, picture, { commands: session.commands, featherPx: settings.featherPx });
	const isDrawing = useEditorState(editor)?.isDrawing ?? false;
	const compare = useCompare(editor, shown, session);
	const isOutpaint = settings.operation === "outpaint";
	const masks = !isOutpaint && shown === null;
	useNewResult(session, isDrawing ? null : setShown);
	useMaskChanges(editor, (commands) => onChange((before) => ({ ...before, commands })));
	useEditKeys(editor, masks);
	useEffect(() => editor?.setPurpose(masks ? "mask" : "look"), [editor, masks]);
	useEffect(() => editor?.setFeather(settings.featherPx), [editor, settings.featherPx]);
	const margins = compare.margins ?? (isOutpaint ? settings.margins : noMargins);
	const world = JSON.stringify(extendedRect(picture, margins));
	useEffect(() => editor?.setWorld(JSON.parse(world)), [editor, world]);
	return { editor, compare };
}
