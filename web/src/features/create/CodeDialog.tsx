import type { CreateGeneration } from "@glassworks/sdk";
import { useState } from "react";
import { type Language, languages, requestCode } from "../../format/requestCode.ts";
import { Chips } from "../../ui/Chips.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { generationOf } from "./generationOf.ts";

/** What is on the form, as code. */
export function CodeDialog({ request, onClose }: { request: CreateGeneration; onClose(): void }) {
	const [language, setLanguage] = useState<Language>("curl");
	const code = requestCode(language, generationOf(request, window.location.origin));
	return (
		<Dialog title="The same by API" onClose={onClose} className="max-w-2xl">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<Chips<Language>
					legend="Language"
					legendHidden
					choices={languages.map((value) => ({ value, label: value }))}
					value={language}
					onChange={setLanguage}
				/>
				<CopyButton label={`Copy as ${language}`} text={code} />
			</div>
			<textarea
				readOnly
				aria-label={`The request as ${language}`}
				rows={16}
				spellCheck={false}
				className="w-full resize-y rounded-lg border border-line bg-sunken p-3 font-mono text-[13px] leading-relaxed whitespace-pre"
				value={code}
			/>
			<p className="text-[13px] text-ink-soft">
				The key is read from GLASSWORKS_KEY and never shown here. Make one on the Developers page.
			</p>
		</Dialog>
	);
}
