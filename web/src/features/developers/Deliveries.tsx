import type { WebhookDelivery } from "@glassworks/sdk";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { moment } from "../../format/moment.ts";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Pager, usePlace } from "../../ui/Pager.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StateMark, type Tone } from "../../ui/StateMark.tsx";

const pageSize = 50;

const states: Record<WebhookDelivery["status"], { label: string; tone: Tone }> = {
	pending: { label: "On its way", tone: "hot" },
	delivered: { label: "Received", tone: "cool" },
	failed: { label: "Given up", tone: "alarm" },
	dropped: { label: "Not sent", tone: "off" },
};
const choices = [{ value: "", label: "All states" }, ...Object.entries(states).map(([value, { label }]) => ({ value, label }))];

/** What was sent, with every attempt and what was answered. */
export function Deliveries({ title, webhook }: { title: string; webhook?: string }) {
	const place = usePlace();
	const [status, setStatus] = useState("");
	const page = useQuery({
		queryKey: ["webhooks", "deliveries", webhook, status, place.before],
		queryFn: ({ signal }) =>
			api.webhooks.deliveries({
				...{ limit: pageSize, webhook, before: place.before, signal },
				status: status === "" ? undefined : (status as WebhookDelivery["status"]),
			}),
		placeholderData: keepPreviousData,
		refetchInterval: ({ state }) => (state.data?.data.some((delivery) => delivery.status === "pending") ? 2_000 : 10_000),
	});
	const from = place.page * pageSize;
	return (
		<section aria-label={title} className="grid min-w-0 gap-3">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<h2 className="text-base font-semibold">{title}</h2>
				<div className="w-44">
					<SelectField
						label="State"
						labelHidden
						value={status}
						choices={choices}
						onChange={(value) => {
							place.reset();
							setStatus(value);
						}}
					/>
				</div>
			</div>
			<ErrorNotice error={page.error} onRetry={() => void page.refetch()} />
			{page.isPending && <Skeleton rows={4} className="h-12" />}
			{page.data?.data.length === 0 && <p className="text-sm text-ink-soft">Nothing was sent{status !== "" && " that ended so"} yet.</p>}
			{page.data && page.data.data.length > 0 && (
				<ul className="grid overflow-hidden rounded-xl border border-line">
					{page.data.data.map((delivery) => (
						<DeliveryRow key={delivery.id} delivery={delivery} />
					))}
				</ul>
			)}
			{page.data && <Pager place={place} next={page.data.next} label={`${from + 1} to ${from + page.data.data.length}`} />}
		</section>
	);
}

function DeliveryRow({ delivery }: { delivery: WebhookDelivery }) {
	const [isOpen, setOpen] = useState(false);
	const { label, tone } = states[delivery.status];
	const last = delivery.attempts.at(-1);
	return (
		<li className="border-line bg-surface not-first:border-t">
			<button
				type="button"
				aria-expanded={isOpen}
				onClick={() => setOpen(!isOpen)}
				className="grid w-full gap-x-4 gap-y-0.5 px-4 py-2.5 text-left text-sm -outline-offset-2 hover:bg-raised sm:grid-cols-[9rem_minmax(0,1fr)_8rem_9rem] sm:items-center"
			>
				<span className="flex items-center gap-2.5">
					<StateMark tone={tone} />
					{label}
				</span>
				<span className="truncate font-mono text-[13px]">
					{delivery.event.type} <span className="text-ink-soft">{delivery.event.subject}</span>
				</span>
				<span className="font-mono text-[13px] text-ink-soft tabular-nums">
					{last ? `${last.status ?? "no answer"}, ${last.duration_ms} ms` : ""}
				</span>
				<span className="text-[13px] text-ink-soft">{moment(delivery.event.created_at)}</span>
			</button>
			{isOpen && <DeliveryDetail delivery={delivery} />}
		</li>
	);
}

function DeliveryDetail({ delivery }: { delivery: WebhookDelivery }) {
	const queries = useQueryClient();
	const whole = useQuery({
		queryKey: ["webhooks", "delivery", delivery.id, delivery.attempts.length],
		queryFn: ({ signal }) => api.webhooks.delivery(delivery.id, { signal }),
	});
	const again = useMutation({
		mutationFn: () => api.webhooks.redeliver(delivery.id),
		onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
	});
	const { attempts, next_attempt_at: next } = whole.data ?? delivery;
	return (
		<div className="grid gap-3 border-t border-line bg-sunken px-4 py-3 text-sm">
			<p className="font-mono text-xs break-all text-ink-soft">
				{delivery.url} · webhook-id {delivery.event.id}
			</p>
			{attempts.length === 0 && <p className="text-ink-soft">No attempt yet.</p>}
			<ol className="grid gap-3">
				{attempts.map((attempt) => (
					<li key={attempt.number} className="grid gap-1">
						<p>
							<span className="font-medium">Attempt {attempt.number}</span>
							<span className="text-ink-soft">
								, {moment(attempt.started_at)}: {attempt.status === null ? "no answer" : `HTTP ${attempt.status}`} after{" "}
								{attempt.duration_ms} ms
								{attempt.note && `. ${attempt.note}`}
							</span>
						</p>
						{attempt.answer && (
							<pre className="max-h-48 overflow-auto rounded-lg border border-line bg-surface p-2 font-mono text-xs whitespace-pre-wrap">
								{attempt.answer}
							</pre>
						)}
					</li>
				))}
			</ol>
			{next && <p className="text-ink-soft">It tries again {moment(next)}.</p>}
			<ErrorNotice error={whole.error ?? again.error} />
			<Button className="w-fit" disabled={again.isPending} onClick={() => again.mutate()}>
				Send it again
			</Button>
		</div>
	);
}
