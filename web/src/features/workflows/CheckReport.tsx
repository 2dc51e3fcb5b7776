import type { CheckedWorkflow } from "@glassworks/sdk";
import { count } from "../../format/count.ts";
import { money } from "../../format/money.ts";
import { Notice } from "../../ui/Notice.tsx";
import { StateMark } from "../../ui/StateMark.tsx";

const abouts = { conversion: "Conversion", graph: "Graph", safety: "Safety", steps: "Steps", plan: "Your plan" };

/** What became of the file: what is wrong with it, what the engines lack, what a run costs. */
export function CheckReport({ checked }: { checked: CheckedWorkflow }) {
	const { problems, missing, quote } = checked;
	return (
		<section aria-label="What was found" className="grid gap-3">
			{problems.length > 0 ? (
				<Notice title={`${count(problems.length, "thing")} in the way`}>
					<ul className="grid max-h-96 gap-1.5 overflow-y-auto">
						{problems.map(({ about, path, message }) => (
							<li key={`${about} ${path.join(".")} ${message}`}>
								<span className="font-medium">{abouts[about]}</span>: {message}
							</li>
						))}
					</ul>
				</Notice>
			) : (
				<p className="flex items-center gap-2.5">
					<StateMark tone="cool" />
					<span>
						It can be saved: {count(checked.workflow.steps.length, "step")}, {count(checked.workflow.inputs.length, "input")}
						{quote && `, ${quote.total_micro_usd === 0 ? "free" : `${money(quote.total_micro_usd)} a run`}`}.
					</span>
				</p>
			)}
			{missing.nodes.length + missing.files.length > 0 && (
				<div className="grid gap-1 rounded-xl border border-line p-4 text-sm">
					<p className="font-medium">No engine here has these yet. It can be saved, and runs once they are installed.</p>
					{missing.nodes.length > 0 && <p className="text-ink-soft">Nodes: {missing.nodes.join(", ")}</p>}
					{missing.files.length > 0 && <p className="break-words text-ink-soft">Files: {missing.files.join(", ")}</p>}
				</div>
			)}
		</section>
	);
}
