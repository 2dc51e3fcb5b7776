import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { ListStatus } from "../../ui/ListStatus.tsx";
import { Thumbnail } from "../picture/Thumbnail.tsx";
import { Upload } from "./editIcons.tsx";
import { addressOf } from "./pictureRef.ts";

const shown = 24;
export const pictureTypes = "image/png,image/jpeg,image/webp,image/gif,image/avif";

/** Where a picture comes from: a file, or what was made here lately. */
export function EditStart({ onFile, isSending }: { onFile(file: File): void; isSending: boolean }) {
	return (
		<div className="mx-auto grid w-full max-w-6xl content-start gap-8 p-4 py-8 lg:p-8">
			<div className="grid gap-2">
				<h1 className="text-2xl font-semibold tracking-tight text-balance sm:text-3xl">Change a part, keep the rest to the pixel</h1>
				<p className="max-w-prose text-ink-soft">
					Paint over what is to go, to change or to appear, or pull the picture's sides outwards. What you did not mark stays exactly as it
					is.
				</p>
			</div>
			<FileDrop onFile={onFile} isSending={isSending} />
			<Recent />
		</div>
	);
}

function FileDrop({ onFile, isSending }: { onFile(file: File): void; isSending: boolean }) {
	const input = useRef<HTMLInputElement>(null);
	return (
		<div className="annealing grid justify-items-center gap-3 rounded-2xl border border-dashed border-line-strong px-4 py-10 text-center">
			<button
				type="button"
				disabled={isSending}
				className="molten inline-flex min-h-12 items-center gap-2 rounded-xl px-5 font-semibold hover:brightness-105 disabled:opacity-60"
				onClick={() => input.current?.click()}
			>
				<Upload />
				{isSending ? "Uploading" : "Choose a picture"}
			</button>
			<p className="text-sm text-ink-soft">or drop one here, or paste it. PNG, JPEG, WebP, GIF or AVIF; where it was taken is removed.</p>
			<input
				ref={input}
				type="file"
				accept={pictureTypes}
				aria-label="Picture to edit"
				className="sr-only"
				tabIndex={-1}
				onChange={(event) => {
					const [file] = event.target.files ?? [];
					event.target.value = "";
					if (file) onFile(file);
				}}
			/>
		</div>
	);
}

function Recent() {
	const recent = useQuery({
		queryKey: ["edit", "recent"],
		queryFn: ({ signal }) => api.images.list({ limit: shown, signal }),
		// What is being made appears when it is done.
		refetchInterval: 5_000,
	});
	if (!recent.data) return <ListStatus query={recent} />;
	const pictures = recent.data.data;
	if (pictures.length === 0)
		return (
			<p className="text-sm text-ink-soft">
				Nothing of your own yet?{" "}
				<Link to="/" className="text-ember-ink underline underline-offset-4">
					Make a picture
				</Link>{" "}
				and edit it here.
			</p>
		);
	return (
		<section aria-labelledby="recent" className="grid gap-3">
			<h2 id="recent" className="text-sm font-medium text-ink-soft">
				Your latest pictures
			</h2>
			<ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-3">
				{pictures.map((picture) => (
					<li key={`${picture.job_id}.${picture.n}`}>
						<Link
							to={addressOf({ kind: "job", id: picture.job_id, n: picture.n })}
							className="block aspect-square overflow-hidden rounded-tile border border-line bg-sunken hover:border-ember-ink"
						>
							<Thumbnail picture={picture} alt={`Edit ${picture.prompt || "this picture"}`} className="size-full object-contain" />
						</Link>
					</li>
				))}
			</ul>
		</section>
	);
}

/** Another picture instead of this one. */
export function OtherPicture() {
	return (
		<Link
			to="/edit"
			className="inline-flex min-h-10 items-center rounded-lg px-2 font-sans text-sm text-ember-ink underline underline-offset-4"
		>
			Another picture
		</Link>
	);
}
