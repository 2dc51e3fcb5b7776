import type { Webhook } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../../api.ts";
import { moment, since } from "../../format/moment.ts";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { hotLink } from "../../ui/hotLink.ts";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StateMark } from "../../ui/StateMark.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { WebhookForm } from "./WebhookForm.tsx";

const pageSize = 50;

export function WebhooksPart() {
	const place = usePlace();
	const page = useQuery({
		queryKey: ["webhooks", "list", place.before],
		queryFn: ({ signal }) => api.webhooks.list({ limit: pageSize, before: place.before, signal }),
		placeholderData: keepPreviousData,
	});
	const [isMaking, setMaking] = useState(false);
	const from = place.page * pageSize;
	return (
		<>
			<section aria-label="Webhooks" className="grid min-w-0 gap-4">
				<div className="flex flex-wrap items-center justify-between gap-3">
					<p className="max-w-prose text-sm text-ink-soft">
						Addresses of yours that are told when something happens, in signed messages that are sent again until they arrive.
					</p>
					<button type="button" className={hotLink} onClick={() => setMaking(true)}>
						New webhook
					</button>
				</div>
				<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
				{page.isPending && <Skeleton rows={3} className="h-16" />}
				{page.data?.data.length === 0 && (
					<p className="rounded-xl border border-dashed border-line-strong p-6 text-ink-soft">
						No webhook yet: your program then has to ask how its jobs are. Make one, and press Test on its page to see what comes.
					</p>
				)}
				{page.data && page.data.data.length > 0 && (
					<ul className="grid overflow-hidden rounded-xl border border-line">
						{page.data.data.map((webhook) => (
							<WebhookRow key={webhook.id} webhook={webhook} />
						))}
					</ul>
				)}
				{page.data && <Pager place={place} next={page.data.next} label={`${from + 1} to ${from + page.data.data.length}`} />}
			</section>
			<Deliveries title="All deliveries" />
			{isMaking && <WebhookForm onClose={() => setMaking(false)} />}
		</>
	);
}

function WebhookRow({ webhook }: { webhook: Webhook }) {
	return (
		<li className="border-line bg-surface not-first:border-t">
			<Link to={webhook.id} className="grid gap-0.5 px-4 py-3.5 -outline-offset-2 hover:bg-raised">
				<span className="flex min-w-0 items-center gap-2.5">
					<StateMark tone={!webhook.enabled ? "off" : webhook.failing_since ? "alarm" : "cool"} />
					<span className="truncate font-mono text-sm">{webhook.url}</span>
				</span>
				<span className="truncate pl-5 text-[13px] text-ink-soft">{standing(webhook)}</span>
			</Link>
		</li>
	);
}

/** How it stands, with what it is told. */
export function standing({ enabled, disabled_by: by, disabled_at: at, failing_since: failing, events, description }: Webhook): string {
	const why = { owner: "Switched off", gone: "Switched off: it answered 410", failing: "Switched off: it failed for five days" };
	const state = enabled ? (failing ? `Failing since ${since(failing)}` : "On") : `${why[by ?? "owner"]}${at ? `, ${moment(at)}` : ""}`;
	return [state, events.includes("*") ? "everything" : events.join(", "), description].filter(Boolean).join(" · ");
}
