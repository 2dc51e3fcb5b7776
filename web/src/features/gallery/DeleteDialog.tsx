import type { GalleryImage } from "@glassworks/sdk";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { useGalleryActions } from "./useGalleryActions.ts";

interface Props {
	pictures: readonly GalleryImage[];
	remove: ReturnType<typeof useGalleryActions>["remove"];
	onClose(): void;
}

export function DeleteDialog({ pictures, remove, onClose }: Props) {
	const many = pictures.length > 1;
	return (
		<Dialog title={many ? `Delete ${pictures.length} pictures?` : "Delete this picture?"} onClose={onClose}>
			<p className="text-sm text-ink-soft">
				For good, and for everybody who has a link to {many ? "them" : "it"}. {many ? "Their recipes stay" : "Its recipe stays"} with the
				job; what was paid is not given back.
			</p>
			{remove.isError && <Notice title={adviceFor(remove.error).title}>{adviceFor(remove.error).advice}</Notice>}
			<div className="flex justify-end gap-2">
				<Button onClick={onClose}>Keep</Button>
				<Button
					className="border-alarm-ink text-alarm-ink"
					disabled={remove.isPending}
					onClick={() => remove.mutate(pictures, { onSuccess: onClose })}
				>
					{remove.isPending ? "Deleting" : many ? `Delete ${pictures.length}` : "Delete"}
				</Button>
			</div>
		</Dialog>
	);
}
