import type { ReactNode } from "react";
import { useFileDrop } from "./useFileDrop.ts";

interface Props {
	label: string;
	/** As of a file input. */
	accept: string;
	onFile(file: File): void;
	/** What it should be. */
	children: ReactNode;
}

/** A place to drop a file on. A file input underneath: a click, the keyboard and a phone work too. */
export function FileDrop({ label, accept, onFile, children }: Props) {
	const { isOver, dropping } = useFileDrop(onFile);
	return (
		<label
			className={`relative grid min-h-40 cursor-pointer content-center justify-items-center gap-1.5 rounded-xl border border-dashed p-6 text-center has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ember-ink ${isOver ? "border-ember-ink bg-ember-wash" : "border-line-strong bg-sunken hover:border-ember-ink"}`}
			{...dropping}
		>
			<span className="font-medium">{label}</span>
			<span className="max-w-prose text-[13px] text-ink-soft">{children}</span>
			<input
				type="file"
				aria-label={label}
				accept={accept}
				className="sr-only"
				onChange={(event) => {
					const file = event.target.files?.[0];
					// The same file may be chosen again after it was mended.
					event.target.value = "";
					if (file) onFile(file);
				}}
			/>
		</label>
	);
}
