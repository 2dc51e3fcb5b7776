import type { ApiKey } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { count } from "../../format/count.ts";
import { moment, since } from "../../format/moment.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { hotLink } from "../../ui/hotLink.ts";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StateMark } from "../../ui/StateMark.tsx";
import { KeyDialog, type KeyDialogKind } from "./KeyDialog.tsx";
import { stateOf } from "./keyDraft.ts";
import { NewKey } from "./NewKey.tsx";

const pageSize = 50;

export function KeysPart() {
	const place = usePlace();
	const page = useQuery({
		queryKey: ["keys", place.before],
		queryFn: ({ signal }) => api.keys.list({ limit: pageSize, before: place.before, signal }),
		placeholderData: keepPreviousData,
	});
	const [isMaking, setMaking] = useState(false);
	const [open, setOpen] = useState<{ of: ApiKey; kind: KeyDialogKind } | null>(null);
	const from = place.page * pageSize;
	return (
		<section aria-label="API keys" className="grid min-w-0 gap-4">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<p className="max-w-prose text-sm text-ink-soft">
					One for each program: then one that leaks can be revoked alone, and usage is told apart.
				</p>
				<button type="button" className={hotLink} onClick={() => setMaking(true)}>
					New key
				</button>
			</div>
			<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
			{page.isPending && <Skeleton rows={4} className="h-20" />}
			{page.data?.data.length === 0 && (
				<p className="rounded-xl border border-dashed border-line-strong p-6 text-ink-soft">
					No key yet. Make one, and ask for a picture with <code className="font-mono text-sm">Authorization: Bearer</code> and its secret.
				</p>
			)}
			{page.data && page.data.data.length > 0 && (
				<ul className="grid overflow-hidden rounded-xl border border-line">
					{page.data.data.map((key) => (
						<KeyRow key={key.id} of={key} onOpen={(kind) => setOpen({ of: key, kind })} />
					))}
				</ul>
			)}
			{page.data && <Pager place={place} next={page.data.next} label={`${from + 1} to ${from + page.data.data.length}`} />}
			{isMaking && <NewKey onClose={() => setMaking(false)} />}
			{open && <KeyDialog {...open} onClose={() => setOpen(null)} />}
		</section>
	);
}

function KeyRow({ of: key, onOpen }: { of: ApiKey; onOpen(kind: KeyDialogKind): void }) {
	const state = stateOf(key);
	const works = state === "works";
	return (
		<li className="grid gap-x-6 gap-y-2 border-line bg-surface px-4 py-3.5 not-first:border-t lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_auto] lg:items-center">
			<div className="grid min-w-0 gap-0.5">
				<p className="flex min-w-0 items-center gap-2.5">
					<StateMark tone={works ? "cool" : "off"} />
					<span className={`line-clamp-2 font-medium wrap-anywhere ${works ? "" : "text-ink-soft line-through"}`}>{key.name}</span>
					<code className="shrink-0 font-mono text-xs text-ink-soft">{key.prefix}…</code>
				</p>
				<p className="pl-5 text-[13px] text-ink-soft">
					{key.scopes.join(", ")}
					{capsInWords(key)}
				</p>
			</div>
			<p className="pl-5 text-[13px] text-ink-soft lg:pl-0">
				{state === "works" ? (
					<>
						{key.last_used_at ? `Used ${since(key.last_used_at)}` : "Never used"}
						{key.expires_at && `, works until ${moment(key.expires_at)}`}
					</>
				) : (
					`${state === "revoked" ? "Revoked" : "Expired"} ${moment(key.revoked_at ?? key.expires_at ?? key.created_at)}`
				)}
			</p>
			{works && (
				<div className="flex gap-1.5 pl-5 lg:w-72 lg:justify-end lg:pl-0">
					<Button aria-label={`Change ${key.name}`} onClick={() => onOpen("change")}>
						Change
					</Button>
					<Button aria-label={`Rotate ${key.name}`} onClick={() => onOpen("rotate")}>
						Rotate
					</Button>
					<Button aria-label={`Revoke ${key.name}`} onClick={() => onOpen("revoke")}>
						Revoke
					</Button>
				</div>
			)}
		</li>
	);
}

function capsInWords({ caps, used }: ApiKey): string {
	const parts = [
		caps.spend_micro_usd_per_month !== null &&
			`${used.spend_micro_usd === 0 ? "$0.00" : money(used.spend_micro_usd)} of ${money(caps.spend_micro_usd_per_month)} this month`,
		caps.unfinished_pictures !== null && `${used.unfinished_pictures} of ${count(caps.unfinished_pictures, "unfinished picture")}`,
		caps.max_pixels !== null && `up to ${Math.floor(Math.sqrt(caps.max_pixels))} px square`,
		caps.max_steps !== null && `up to ${count(caps.max_steps, "step")}`,
		caps.models?.join(", "),
	].filter(Boolean);
	return parts.map((part) => `; ${part}`).join("");
}
