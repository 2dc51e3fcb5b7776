import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { api } from "../../api.ts";
import { isTyping } from "../../app/shortcuts.ts";
import { addressOf } from "./pictureRef.ts";

/** As bytes alone: what it is, the server finds out by looking, whatever its name says. */
export async function uploadFile(file: Blob) {
	return api.assets.upload(new Uint8Array(await file.arrayBuffer()));
}

/** Opens a picture file in the editor once the server has checked it. */
export function useUpload() {
	const navigate = useNavigate();
	return useMutation({
		mutationFn: (file: File) => uploadFile(file),
		onSuccess: ({ id }) => navigate(addressOf({ kind: "asset", id })),
	});
}

/** Files dropped or pasted anywhere on the page. */
export function useIncomingFiles(open: (file: File) => void, onDrag: (isOver: boolean) => void): void {
	useEffect(() => {
		const leaving = new AbortController();
		const { signal } = leaving;
		const take = (files: FileList | undefined, event: Event) => {
			const [file] = files ?? [];
			if (!file) return;
			event.preventDefault();
			open(file);
		};
		const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
		window.addEventListener(
			"dragover",
			(event) => {
				if (!carriesFiles(event)) return;
				event.preventDefault();
				onDrag(true);
			},
			{ signal },
		);
		window.addEventListener("dragleave", (event) => event.relatedTarget === null && onDrag(false), { signal });
		window.addEventListener(
			"drop",
			(event) => {
				onDrag(false);
				take(event.dataTransfer?.files, event);
			},
			{ signal },
		);
		window.addEventListener("paste", (event) => !isTyping(event.target) && take(event.clipboardData?.files, event), { signal });
		return () => leaving.abort();
	}, [open, onDrag]);
}
