import type { WorkflowDetail } from "@glassworks/sdk";
import { useState } from "react";
import { Link } from "react-router";
import { type Language, languages, requestCode } from "../../format/requestCode.ts";
import { Chips } from "../../ui/Chips.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { bodyOf, type Run } from "./RunPart.tsx";
import { runRequest } from "./runRequest.ts";

/** What is on the form, as a program asks for it. */
export function ApiPart({ name, workflow, run }: { name: string; workflow: WorkflowDetail; run: Run }) {
	const [language, setLanguage] = useState<Language>("curl");
	const code = requestCode(language, runRequest(window.location.origin, name, bodyOf(workflow, run)));
	return (
		<section aria-label="API" className="grid max-w-4xl min-w-0 gap-4">
			<p className="max-w-prose text-ink-soft">
				The run on the form, as your program asks for it. It needs a{" "}
				<Link to="/developers/keys" className="text-ember-ink underline underline-offset-4">
					key
				</Link>
				; the{" "}
				<a href={`/api/v1/workflows/${encodeURIComponent(name)}/schema`} className="text-ember-ink underline underline-offset-4">
					JSON Schema
				</a>{" "}
				describes its inputs.
			</p>
			<Chips<Language>
				legend="Language"
				legendHidden
				choices={languages.map((value) => ({ value, label: value }))}
				value={language}
				onChange={setLanguage}
			/>
			<div className="relative min-w-0 rounded-xl border border-line bg-sunken">
				<div className="absolute top-1 right-1">
					<CopyButton label={`Copy as ${language}`} text={code} />
				</div>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse too. */}
				<pre tabIndex={0} className="overflow-x-auto p-4 pr-12 font-mono text-[13px] leading-relaxed">
					<code>{code}</code>
				</pre>
			</div>
		</section>
	);
}
