import { useEffect, useState } from "react";
import { IconButton } from "../../ui/IconButton.tsx";
import { Copy } from "../../ui/icons.tsx";

export function CopyButton({ label, text }: { label: string; text: string }) {
	const [note, setNote] = useState("");
	useEffect(() => {
		if (note === "") return;
		const timer = setTimeout(() => setNote(""), 2_500);
		return () => clearTimeout(timer);
	}, [note]);
	return (
		<span className="inline-flex items-center">
			<IconButton
				label={label}
				className="size-8"
				onClick={() => {
					copy(text).then(
						() => setNote("Copied"),
						() => setNote("Select and copy it by hand"),
					);
				}}
			>
				<Copy />
			</IconButton>
			<span role="status" className="text-[13px] text-cool-ink">
				{note}
			</span>
		</span>
	);
}

/** Browsers offer the clipboard only over https and on this machine itself. */
async function copy(text: string): Promise<void> {
	if (!navigator.clipboard) throw new Error("no clipboard here");
	await navigator.clipboard.writeText(text);
}
