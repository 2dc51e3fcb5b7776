import { type DragEvent, useState } from "react";

/** Makes an element one that files are dropped on: the first is taken. `isOver`: something is held over it. */
export function useFileDrop(take: (file: File) => void) {
	const [isOver, setOver] = useState(false);
	const dropping = {
		onDragOver(event: DragEvent) {
			event.preventDefault();
			setOver(true);
		},
		onDragLeave: () => setOver(false),
		onDrop(event: DragEvent) {
			event.preventDefault();
			setOver(false);
			const [file] = event.dataTransfer.files;
			if (file) take(file);
		},
	};
	return { isOver, dropping };
}
