import type { ShareWorkflow, WorkflowDetail } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { Chips } from "../../ui/Chips.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { CopyButton } from "../picture/CopyButton.tsx";

const choices = [
	{ value: "private" as const, label: "Only you" },
	{ value: "organisation" as const, label: "Your account" },
	{ value: "link" as const, label: "Whoever has the link" },
];
const notes = {
	private: "Nobody else sees it or can run it.",
	organisation: "Everybody of your account sees it and can run it.",
	link: "Everybody of your account, and whoever has the link and an account on this server, can run it.",
};

export function SharePart({ workflow }: { workflow: WorkflowDetail }) {
	const queries = useQueryClient();
	const share = useMutation({
		mutationFn: (visibility: ShareWorkflow["visibility"]) => api.workflows.share(workflow.slug, visibility),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["workflows"] }),
	});
	const { visibility, link } = share.data ?? workflow;
	if (visibility === "everyone") return null;
	const address = link && `${window.location.origin}/workflows/${link}`;
	return (
		<section aria-label="Share" className="grid max-w-3xl gap-4">
			<Chips legend="Who may see and run it" choices={choices} value={visibility} onChange={(next) => share.mutate(next)} />
			<p className="text-sm text-ink-soft">{notes[visibility]}</p>
			<ErrorNotice error={share.error} />
			{address && (
				<div className="grid gap-1.5">
					<p className="text-sm font-medium">Link</p>
					<div className="flex items-center gap-2 rounded-xl border border-line bg-sunken px-3 py-1.5">
						<output aria-label="Link" className="min-w-0 flex-1 font-mono text-sm break-all">
							{address}
						</output>
						<CopyButton label="Copy the link" text={address} />
					</div>
					<p className="text-[13px] text-ink-faint">Taken back, it never works again.</p>
				</div>
			)}
		</section>
	);
}
