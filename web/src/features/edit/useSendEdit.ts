import { api } from "../../api.ts";
import { useSend } from "../../app/useSend.ts";
import { jobsStore } from "../jobs/jobsStore.ts";
import type { Editor } from "./canvas/editor.ts";
import { exportMask } from "./canvas/maskFiles.ts";
import { type EditSettings, toRequest } from "./editRequest.ts";
import type { PictureRef } from "./pictureRef.ts";
import { uploadFile } from "./useUpload.ts";

interface Sending {
	base: PictureRef;
	settings: EditSettings;
	editor: Editor | null;
	onSent(jobId: string): void;
}

/** Uploads the mask and sends the edit. */
export function useSendEdit({ base, settings, editor, onSent }: Sending) {
	return useSend({
		mutationFn: async () => {
			if (settings.operation === "outpaint" || !editor) return api.edits.create(toRequest(base, settings, null));
			const { id } = await uploadFile(await exportMask(editor.mask));
			try {
				return await api.edits.create(toRequest(base, settings, id));
			} finally {
				// The job has its own copy; what is left over is cleared away by age.
				void api.assets.delete(id).catch(() => {});
			}
		},
		onSuccess: (job) => {
			jobsStore.take(job);
			onSent(job.id);
		},
	});
}
