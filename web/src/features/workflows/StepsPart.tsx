import type { WorkflowDetail } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "../../api.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";

/** What it does, in which order; and what it was before. */
export function StepsPart({ name, workflow }: { name: string; workflow: WorkflowDetail }) {
	const isOwn = workflow.versions.length > 0 && !name.startsWith("wfs_");
	return (
		<div className="grid gap-8 lg:grid-cols-2">
			<section aria-label="Steps" className="grid content-start gap-2.5">
				<h2 className="text-base font-semibold">Steps</h2>
				<ol className="grid">
					{workflow.steps.map((step, at) => (
						<li key={step.id} className="grid grid-cols-[2rem_minmax(0,1fr)] border-t border-line py-2.5 text-sm">
							<span className="font-mono text-ink-soft tabular-nums">{at + 1}</span>
							<span>
								<span className="font-medium">{step.title || step.id}</span>
								<span className="text-ink-soft">
									{" "}
									{step.kind.replaceAll("_", " ")}
									{step.optional && "; left out where it cannot run"}
								</span>
							</span>
						</li>
					))}
				</ol>
			</section>
			{workflow.versions.length > 0 && (
				<section aria-label="Versions" className="grid content-start gap-2.5">
					<h2 className="text-base font-semibold">Versions</h2>
					<ul className="grid">
						{workflow.versions.map(({ version, saved_at: savedAt }) => (
							<li key={version} className="flex min-h-11 items-center justify-between gap-3 border-t border-line text-sm">
								<Link
									to={`/workflows/${name}?version=${version}`}
									aria-current={version === workflow.version ? "true" : undefined}
									className="inline-flex min-h-10 items-center underline underline-offset-4 aria-[current=true]:text-ember-ink"
								>
									Version {version}
								</Link>
								<span className="text-ink-soft">{moment(savedAt)}</span>
							</li>
						))}
					</ul>
					<p className="text-[13px] text-ink-faint">Versions never change: what was run with one runs the same again.</p>
					{isOwn && (
						<div className="flex flex-wrap gap-2">
							<Link
								to={`/workflows/import?slug=${encodeURIComponent(workflow.slug)}`}
								className="inline-flex min-h-10 items-center rounded-lg border border-line-strong px-3 text-sm font-medium hover:bg-raised"
							>
								Import the next version
							</Link>
							<PutAway workflow={workflow} />
						</div>
					)}
				</section>
			)}
		</div>
	);
}

function PutAway({ workflow }: { workflow: WorkflowDetail }) {
	const [isAsking, setAsking] = useState(false);
	const navigate = useNavigate();
	const queries = useQueryClient();
	const archive = useMutation({
		mutationFn: () => api.workflows.archive(workflow.slug),
		onSuccess: async () => {
			await navigate("/workflows");
			void queries.invalidateQueries({ queryKey: ["workflows"] });
		},
	});
	return (
		<>
			<Button onClick={() => setAsking(true)}>Put away</Button>
			{isAsking && (
				<Dialog title={`Put ${workflow.title} away?`} onClose={() => setAsking(false)}>
					<p className="text-ink-soft">Nobody can run it any more, by link neither, and its name is free again. What is running goes on.</p>
					<ErrorNotice error={archive.error} />
					<div className="flex justify-end gap-2">
						<Button onClick={() => setAsking(false)}>Not now</Button>
						<Button className="border-ember-ink text-ember-ink" disabled={archive.isPending} onClick={() => archive.mutate()}>
							Put it away
						</Button>
					</div>
				</Dialog>
			)}
		</>
	);
}
