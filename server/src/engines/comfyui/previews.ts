import type { Picture, PictureGate } from "../../domain/ports.ts";

/** Previews of ComfyUI are at most this many pixels per side. */
const maxSidePx = 512;

export interface Previews {
	offer(bytes: Uint8Array): void;
	/** None comes after this. */
	end(): void;
}

/** Checks previews one at a time: of those that come in the meantime only the last is kept. What is no picture is dropped. */
export function checkPreviews(pictures: PictureGate, onPreview: (preview: Picture) => void): Previews {
	let latest: Uint8Array | null = null;
	let isBusy = false;
	let isEnded = false;

	async function work(): Promise<void> {
		isBusy = true;
		while (latest && !isEnded) {
			const bytes = latest;
			latest = null;
			const checked = await pictures.encode(bytes, { format: "jpeg", quality: 80, maxSidePx }).catch(() => null);
			if (checked && !isEnded) onPreview(checked);
		}
		isBusy = false;
	}

	return {
		offer(bytes) {
			latest = bytes;
			if (!isBusy) void work();
		},
		end() {
			isEnded = true;
		},
	};
}
