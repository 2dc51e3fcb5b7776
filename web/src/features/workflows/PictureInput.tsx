import type { Json } from "@glassworks/sdk";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { FileDrop } from "../../ui/FileDrop.tsx";

interface Props {
	label: string;
	hint: string;
	value: Json | undefined;
	onChange(value: Json): void;
}

/** A picture from this device; the server checks it and keeps it for the run. */
export function PictureInput({ label, hint, value, onChange }: Props) {
	const [preview, setPreview] = useState<string | null>(null);
	useEffect(() => () => (preview === null ? undefined : URL.revokeObjectURL(preview)), [preview]);
	const upload = useMutation({
		// As bytes alone: what it is, the server finds out by looking, whatever its name says.
		mutationFn: async (file: File) => ({ asset: await api.assets.upload(new Uint8Array(await file.arrayBuffer())), file }),
		onSuccess: ({ asset, file }) => {
			setPreview(URL.createObjectURL(file));
			onChange({ asset_id: asset.id });
		},
	});
	const isGiven = value !== null && value !== undefined;
	return (
		<div className="grid gap-1.5">
			<p className="text-sm font-medium">{label}</p>
			{isGiven ? (
				<div className="flex items-center gap-3">
					{preview ? (
						<img src={preview} alt={label} className="size-20 rounded-lg border border-line bg-sunken object-contain" />
					) : (
						<span className="grid size-20 place-items-center rounded-lg border border-line bg-sunken text-[13px] text-ink-soft">
							uploaded
						</span>
					)}
					<Button onClick={() => onChange(null)}>Another picture</Button>
				</div>
			) : (
				<FileDrop
					label={`${label}: drop a picture, or choose one`}
					accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
					onFile={(file) => upload.mutate(file)}
				>
					{upload.isPending ? "Uploading" : hint || "PNG, JPEG, WebP, GIF or AVIF."}
				</FileDrop>
			)}
			<ErrorNotice error={upload.error} />
		</div>
	);
}
