import type { Workflow } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { count } from "../../format/count.ts";
import { since } from "../../format/moment.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { hotLink } from "../../ui/hotLink.ts";
import { PageHead } from "../../ui/PageHead.tsx";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";

const pageSize = 50;

export function WorkflowList() {
	const place = usePlace();
	const page = useQuery({
		queryKey: ["workflows", "list", place.before],
		queryFn: ({ signal }) => api.workflows.list({ limit: pageSize, before: place.before, signal }),
		placeholderData: keepPreviousData,
	});
	const all = page.data?.data ?? [];
	const shipped = all.filter(({ visibility }) => visibility === "everyone");
	const shared = all.filter(({ visibility }) => visibility === "organisation");
	const own = all.filter(({ visibility }) => visibility === "private" || visibility === "link");
	const shown = own.length + shared.length;
	const from = place.page * pageSize;
	return (
		<>
			<PageHead title="Workflows" lead="Several steps as one: a form here, and an address for your programs. Bring your own from ComfyUI.">
				<Link to="import" className={hotLink}>
					Import from ComfyUI
				</Link>
			</PageHead>
			<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
			{page.isPending && <Skeleton rows={5} className="h-20" />}
			{page.data && (
				<>
					<Group title="Yours" workflows={own} showAge>
						{place.page === 0 && shared.length === 0
							? "None yet. Import a workflow that ComfyUI saved: its inputs are found and become a form, and whoever you share it with needs no ComfyUI."
							: undefined}
					</Group>
					<Group title="In your account" workflows={shared} showAge />
					<Pager place={place} next={page.data.next} label={shown > 0 ? `${from + 1} to ${from + shown} of your account's` : "no more"} />
					<Group title="Templates" workflows={shipped} />
				</>
			)}
		</>
	);
}

interface GroupProps {
	title: string;
	workflows: readonly Workflow[];
	showAge?: boolean;
	/** In place of an empty list; without it an empty group is not shown. */
	children?: string | undefined;
}

function Group({ title, workflows, showAge = false, children }: GroupProps) {
	if (workflows.length === 0 && !children) return null;
	return (
		<section aria-label={title} className="grid gap-2.5">
			<h2 className="text-base font-semibold">{title}</h2>
			{workflows.length === 0 ? (
				<p className="max-w-prose rounded-xl border border-dashed border-line-strong p-5 text-sm text-ink-soft">{children}</p>
			) : (
				<ul className="grid overflow-hidden rounded-xl border border-line">
					{workflows.map((workflow) => (
						<li key={`${workflow.slug} ${workflow.visibility}`} className="border-line bg-surface not-first:border-t">
							<Link
								to={workflow.slug}
								className="grid gap-x-8 gap-y-1 px-4 py-3.5 -outline-offset-2 hover:bg-raised lg:grid-cols-[minmax(0,1fr)_auto] lg:items-center"
							>
								<span className="grid min-w-0 gap-0.5">
									<span className="truncate font-medium">{workflow.title}</span>
									<span className="line-clamp-2 text-[13px] leading-snug text-ink-soft">{workflow.description || "No description."}</span>
								</span>
								<span className="text-[13px] text-ink-soft lg:text-right">
									{count(workflow.steps.length, "step")}, {count(workflow.inputs.length, "input")}
									{showAge && `, version ${workflow.version}`}
									{showAge && workflow.saved_at && `, ${since(workflow.saved_at)}`}
								</span>
							</Link>
						</li>
					))}
				</ul>
			)}
		</section>
	);
}
