import { useEffect, useState } from "react";
import type { Editor } from "./canvas/editor.ts";
import type { EditSession } from "./editSession.ts";
import { type Margins, noMargins } from "./outpaint.ts";
import type { PictureRef } from "./pictureRef.ts";
import { usePicture } from "./usePicture.ts";

export interface Compare {
	/** Of the stage's width, from the left, that shows the picture before. */
	share: number;
	setShare(share: number): void;
	isHeld: boolean;
	/** While held, all of the stage shows the picture before. */
	hold(isHeld: boolean): void;
	isLoading: boolean;
	error: unknown;
	/** What the result has around the picture; null: none is shown. */
	margins: Margins | null;
}

/** Lays a result over the picture it was made of. */
export function useCompare(editor: Editor | null, shown: PictureRef | null, { sent }: EditSession): Compare {
	const { picture, error } = usePicture(shown);
	const [share, setShare] = useState(0);
	const [isHeld, hold] = useState(false);
	const margins = shown && (sent.find(({ jobId }) => jobId === shown.id)?.margins ?? noMargins);
	const [left, top] = [-(margins?.left ?? 0), -(margins?.top ?? 0)];
	useEffect(() => {
		editor?.compare(picture && { picture, left, top, share: isHeld ? 1 : share });
	}, [editor, picture, left, top, share, isHeld]);
	return { share, setShare, isHeld, hold, isLoading: shown !== null && !picture && error === null, error, margins };
}
