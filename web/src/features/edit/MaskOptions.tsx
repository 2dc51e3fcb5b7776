import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "../../api.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Download } from "../../ui/icons.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { Editor } from "./canvas/editor.ts";
import { exportMask, readMaskFile } from "./canvas/maskFiles.ts";
import { pictureTypes } from "./EditStart.tsx";
import { Upload } from "./editIcons.tsx";
import { uploadFile } from "./useUpload.ts";

interface Props {
	editor: Editor | null;
	featherPx: number;
	onFeather(px: number): void;
}

const mostFeatherPx = 64;

/** How the mask ends, and the mask as a file. */
export function MaskOptions({ editor, featherPx, onFeather }: Props) {
	const input = useRef<HTMLInputElement>(null);
	const files = useMaskFile(editor);
	const failed = files.error && adviceFor(files.error);
	return (
		<div className="grid gap-3">
			<label className="grid gap-1">
				<span className="flex justify-between text-sm font-medium text-ink-soft">
					Soft edge
					<span className="font-mono font-normal tabular-nums">{featherPx} px</span>
				</span>
				<input
					type="range"
					min={0}
					max={mostFeatherPx}
					value={featherPx}
					aria-valuetext={`${featherPx} pixels`}
					className="h-10 w-full accent-(--ember-ink)"
					onChange={(event) => onFeather(Number(event.target.value))}
				/>
			</label>
			<div className="flex flex-wrap gap-2">
				<Button disabled={!editor || files.isPending} onClick={() => input.current?.click()}>
					<Upload />
					{files.isPending ? "Reading the mask" : "Import a mask"}
				</Button>
				<Button disabled={!editor} onClick={() => editor && void download(editor)}>
					<Download />
					Export
				</Button>
				<input
					ref={input}
					type="file"
					accept={pictureTypes}
					aria-label="Mask file"
					tabIndex={-1}
					className="sr-only"
					onChange={(event) => {
						const [file] = event.target.files ?? [];
						event.target.value = "";
						if (file) files.mutate(file);
					}}
				/>
			</div>
			{failed && <Notice title={failed.title}>{failed.advice}</Notice>}
			{files.data && (
				<p role="status" className="text-[13px] text-ink-soft">
					{files.data}
				</p>
			)}
		</div>
	);
}

/** Takes a mask from a file; what it gives is what to say about it. */
function useMaskFile(editor: Editor | null) {
	return useMutation({
		mutationFn: async (file: File): Promise<string> => {
			if (!editor) return "";
			// The server looks at it first: nothing that is no picture, or that would not fit in memory, is decoded here.
			const { id } = await uploadFile(file);
			void api.assets.delete(id).catch(() => {});
			const { runs, from } = await readMaskFile(file, editor.mask);
			editor.run({ kind: "import", runs });
			const { width, height } = editor.mask;
			const fits = from.width === width && from.height === height;
			return fits ? "The mask was imported." : `The mask was ${from.width} x ${from.height} px and was fitted to ${width} x ${height} px.`;
		},
	});
}

async function download(editor: Editor): Promise<void> {
	const address = URL.createObjectURL(await exportMask(editor.mask));
	const link = document.createElement("a");
	link.href = address;
	link.download = "mask.png";
	link.click();
	URL.revokeObjectURL(address);
}
