import { useMutation } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useId, useRef, useState } from "react";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Close, Gallery, Plus } from "../../ui/icons.tsx";
import { useFileDrop } from "../../ui/useFileDrop.ts";
import { pictureSource } from "../picture/pictureSource.ts";
import type { Reference } from "./draft.ts";

const PickPicture = lazy(async () => ({ default: (await import("../gallery/PickPicture.tsx")).PickPicture }));

interface Props {
	label: string;
	value: Reference | null;
	onChange(value: Reference | null): void;
	/** Takes pictures that are pasted anywhere on the page. */
	takesPaste?: boolean;
}

/** A picture from a file, dropped, pasted, or from the gallery. The server checks it and strips what is not picture. */
export function PictureField({ label, value, onChange, takesPaste = false }: Props) {
	const file = useRef<HTMLInputElement>(null);
	const [isPicking, setPicking] = useState(false);
	const upload = useMutation({
		mutationFn: (picture: File) => api.assets.upload(picture),
		onSuccess: ({ id, thumbnail_url: url }) => onChange({ input: { asset_id: id }, url }),
	});
	const { mutate } = upload;
	const { isOver, dropping } = useFileDrop(mutate);
	usePaste(takesPaste, mutate);
	return (
		<section
			aria-label={label}
			className={`flex min-h-14 items-center gap-2 rounded-xl border border-dashed p-2 ${isOver ? "border-ember-ink bg-ember-wash" : "border-line-strong"}`}
			{...dropping}
		>
			{value ? (
				<Chosen label={label} url={value.url} onRemove={() => onChange(null)} />
			) : (
				<Choose
					label={label}
					note={
						upload.isPending ? (
							"Uploading"
						) : upload.isError ? (
							<Failed error={upload.error} />
						) : (
							`Drop${takesPaste ? ", paste" : ""} or choose one`
						)
					}
					onFile={() => file.current?.click()}
					onGallery={() => setPicking(true)}
				/>
			)}
			<input
				ref={file}
				type="file"
				accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
				hidden
				aria-label={label}
				onChange={(event) => {
					const [chosen] = event.target.files ?? [];
					if (chosen) mutate(chosen);
					event.target.value = "";
				}}
			/>
			{isPicking && (
				<Suspense>
					<PickPicture
						onClose={() => setPicking(false)}
						onPick={({ job_id, n, thumbnail_url: url }) => {
							setPicking(false);
							onChange({ input: { job_id, n }, url });
						}}
					/>
				</Suspense>
			)}
		</section>
	);
}

function Chosen({ label, url, onRemove }: { label: string; url: string | null; onRemove(): void }) {
	return (
		<>
			<img src={pictureSource(url)} alt="" className="size-14 rounded-lg border border-line object-cover" />
			<span className="min-w-0 flex-1 truncate text-sm">{label}</span>
			<IconButton label={`${label}: take it away`} onClick={onRemove}>
				<Close />
			</IconButton>
		</>
	);
}

function Choose({ label, note, onFile, onGallery }: { label: string; note: ReactNode; onFile(): void; onGallery(): void }) {
	const hint = useId();
	return (
		<>
			<span id={hint} className="min-w-0 flex-1 pl-1 text-[13px] leading-snug text-ink-soft">
				<span className="block text-sm font-medium text-ink">{label}</span>
				{note}
			</span>
			<Button aria-describedby={hint} onClick={onFile}>
				<Plus />
				File
			</Button>
			<Button aria-describedby={hint} onClick={onGallery}>
				<Gallery />
				<span className="max-sm:sr-only">Gallery</span>
			</Button>
		</>
	);
}

const Failed = ({ error }: { error: Error }) => <span className="text-alarm-ink">{adviceFor(error).title}</span>;

function usePaste(isOn: boolean, take: (file: File) => void): void {
	useEffect(() => {
		if (!isOn) return;
		const onPaste = (event: ClipboardEvent) => {
			const picture = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
			if (!picture) return;
			event.preventDefault();
			take(picture);
		};
		window.addEventListener("paste", onPaste);
		return () => window.removeEventListener("paste", onPaste);
	}, [isOn, take]);
}
