import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { EditStart } from "./EditStart.tsx";
import { EditWorkspace } from "./EditWorkspace.tsx";
import { keyOf, readRef } from "./pictureRef.ts";
import { useIncomingFiles, useUpload } from "./useUpload.ts";

/** Opens what the address names, or asks for a picture; files come from anywhere on the page. */
export function EditPage() {
	const [search] = useSearchParams();
	const source = readRef(search);
	const upload = useUpload();
	const [isOver, setOver] = useState(false);
	const { mutate, reset } = upload;
	const open = useCallback((file: File) => mutate(file), [mutate]);
	useIncomingFiles(open, setOver);
	const refused = upload.isError ? adviceFor(upload.error) : null;
	return (
		<div className="relative flex flex-1 flex-col">
			{refused && (
				<div className="p-4 pb-0">
					<Notice title={refused.title} action={<Button onClick={() => reset()}>Close</Button>}>
						{refused.advice}
					</Notice>
				</div>
			)}
			{source ? <EditWorkspace key={keyOf(source)} source={source} /> : <EditStart onFile={open} isSending={upload.isPending} />}
			{isOver && (
				<div
					aria-hidden="true"
					className="pointer-events-none absolute inset-2 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-ember-ink bg-canvas/80 text-lg font-semibold"
				>
					Let go to edit this picture
				</div>
			)}
		</div>
	);
}
