import type { WorkflowDetail } from "@glassworks/sdk";
import { useState } from "react";
import { Link } from "react-router";
import { Chips } from "../../ui/Chips.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";
import { bodyOf, type Run } from "./RunPart.tsx";
import { snippets } from "./snippets.ts";

/** What is on the form, as a program asks for it. */
export function ApiPart({ name, workflow, run }: { name: string; workflow: WorkflowDetail; run: Run }) {
	const [language, setLanguage] = useState("curl");
	const all = snippets(window.location.origin, name, bodyOf(workflow, run));
	const shown = all.find((snippet) => snippet.name === language) ?? all[0];
	if (!shown) return null;
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
			<Chips
				legend="Language"
				legendHidden
				choices={all.map((snippet) => ({ value: snippet.name, label: snippet.name }))}
				value={language}
				onChange={(value) => setLanguage(value)}
			/>
			<div className="relative min-w-0 rounded-xl border border-line bg-sunken">
				<div className="absolute top-1 right-1">
					<CopyButton label={`Copy as ${shown.name}`} text={shown.code} />
				</div>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and without a mouse too. */}
				<pre tabIndex={0} className="overflow-x-auto p-4 pr-12 font-mono text-[13px] leading-relaxed">
					<code>{shown.code}</code>
				</pre>
			</div>
		</section>
	);
}
