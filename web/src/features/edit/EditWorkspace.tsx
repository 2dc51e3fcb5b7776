import { useEffect, useState } from "react";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { EditBench } from "./EditBench.tsx";
import { OtherPicture } from "./EditStart.tsx";
import { type EditSession, readSession, storeSession } from "./editSession.ts";
import { keyOf, type PictureRef } from "./pictureRef.ts";
import { usePicture } from "./usePicture.ts";

/** The work on one picture, kept over a reload of the tab. */
export function EditWorkspace({ source }: { source: PictureRef }) {
	const [session, setSession] = useState<EditSession>(() => readSession(source));
	const [isKept, setKept] = useState(true);
	useEffect(() => setKept(storeSession(session)), [session]);
	const base = session.layers.at(-1) ?? source;
	const { picture, error, retry } = usePicture(base);
	if (error !== null) return <Missing error={error} onRetry={retry} />;
	if (!picture)
		return (
			<div className="annealing grid min-h-[60dvh] flex-1 place-items-center">
				<h1 className="sr-only">Edit</h1>
				<p role="status" className="text-sm text-ink-soft">
					Loading the picture
				</p>
			</div>
		);
	return <EditBench key={keyOf(base)} base={base} picture={picture} session={session} onChange={setSession} isKept={isKept} />;
}

function Missing({ error, onRetry }: { error: unknown; onRetry(): void }) {
	const isGone = error instanceof RangeError;
	const { title, advice } = isGone ? { title: error.message, advice: "It was not finished or was deleted." } : adviceFor(error);
	return (
		<div className="mx-auto grid w-full max-w-xl gap-3 p-4 py-10">
			<h1 className="sr-only">Edit</h1>
			<Notice title={title} action={<Button onClick={onRetry}>Try again</Button>}>
				{advice}
			</Notice>
			<OtherPicture />
		</div>
	);
}
