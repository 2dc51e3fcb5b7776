import type { GalleryImage } from "@glassworks/sdk";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { useDebounced } from "../create/useDebounced.ts";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { keyOf } from "./cached.ts";

/** One of one's own pictures: the newest, or those whose prompt has the words. */
export function PickPicture({ onPick, onClose }: { onPick(picture: GalleryImage): void; onClose(): void }) {
	const [text, setText] = useState("");
	const q = useDebounced(text.trim(), 250);
	const found = useQuery({
		queryKey: ["pick", q],
		queryFn: ({ signal }) => api.images.list({ limit: 48, ...(q !== "" && { q }), signal }),
	});
	const pictures = found.data?.data ?? [];
	return (
		<Dialog title="From the gallery" onClose={onClose} className="max-w-2xl">
			<input
				type="search"
				aria-label="Search in prompts"
				placeholder="Search in prompts"
				className="field h-10 px-3 text-sm"
				value={text}
				onChange={(event) => setText(event.target.value)}
			/>
			<div className="grid min-h-40 grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] content-start gap-2">
				{pictures.map((picture) => (
					<button
						key={keyOf(picture)}
						type="button"
						aria-label={picture.prompt}
						className="aspect-square overflow-hidden rounded-lg border border-line hover:border-ember-ink"
						onClick={() => onPick(picture)}
					>
						<Thumbnail picture={picture} alt="" className="size-full object-cover" />
					</button>
				))}
				{found.isSuccess && pictures.length === 0 && <p className="col-span-full text-sm text-ink-soft">No picture found.</p>}
			</div>
		</Dialog>
	);
}
