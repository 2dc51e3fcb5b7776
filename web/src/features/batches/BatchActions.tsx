import type { Batch } from "@glassworks/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api.ts";
import { count } from "../../format/count.ts";
import { money } from "../../format/money.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { hotLink } from "../../ui/hotLink.ts";
import { Download } from "../../ui/icons.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { pictureSource } from "../picture/pictureSource.ts";

type Asking = "resume" | "cancel" | "retry" | null;

/** What can be done with it as it stands. What costs or ends something is asked once more. */
export function BatchActions({ batch }: { batch: Batch }) {
	const [asking, setAsking] = useState<Asking>(null);
	const pause = useSteer(batch, () => api.batches.pause(batch.id));
	const isOpen = batch.finished_at === null;
	const failed = batch.counts.failed + batch.counts.partial;
	return (
		<div className="flex flex-wrap gap-2">
			{batch.status === "running" || batch.status === "scheduled" ? (
				<Button disabled={pause.isPending} onClick={() => pause.mutate(undefined)}>
					Pause
				</Button>
			) : null}
			{batch.status === "paused" && <Button onClick={() => setAsking("resume")}>Resume</Button>}
			{failed > 0 && batch.status !== "cancelled" && <Button onClick={() => setAsking("retry")}>Retry {failed} failed</Button>}
			{isOpen && <Button onClick={() => setAsking("cancel")}>Cancel the rest</Button>}
			{batch.pictures.done > 0 && (
				<a href={pictureSource(batch.links.zip)} download className={hotLink}>
					<Download />
					ZIP of {count(batch.pictures.done, "picture")}
				</a>
			)}
			<ErrorNotice error={pause.error} />
			{asking === "resume" && <Resume batch={batch} onClose={() => setAsking(null)} />}
			{asking === "cancel" && (
				<Ask
					title="Cancel the rest?"
					detail={`The ${count(batch.pictures.done, "picture")} that are there stay. What was set aside for the others comes back.`}
					label="Cancel the rest"
					batch={batch}
					act={() => api.batches.cancel(batch.id)}
					onClose={() => setAsking(null)}
				/>
			)}
			{asking === "retry" && (
				<Ask
					title={`Try ${count(failed, "item")} again?`}
					detail="They become new jobs at today's prices, with this batch's discount. What failed before was not charged."
					label="Try again"
					batch={batch}
					act={async () => (await api.batches.retry(batch.id, { statuses: ["failed", "partial"] })).batch}
					onClose={() => setAsking(null)}
				/>
			)}
		</div>
	);
}

/** Does it, and shows what came of it at once. */
function useSteer<T = undefined>(batch: Batch, act: (value: T) => Promise<Batch>, onDone?: () => void) {
	const queries = useQueryClient();
	return useMutation({
		mutationFn: act,
		onSuccess: (next) => {
			queries.setQueryData(["batches", "one", batch.id], next);
			void queries.invalidateQueries({ queryKey: ["batches"] });
			onDone?.();
		},
	});
}

interface AskProps {
	title: string;
	detail: string;
	label: string;
	batch: Batch;
	act(): Promise<Batch>;
	onClose(): void;
}

function Ask({ title, detail, label, batch, act, onClose }: AskProps) {
	const steer = useSteer(batch, act, onClose);
	return (
		<Dialog title={title} onClose={onClose}>
			<p className="text-ink-soft">{detail}</p>
			<ErrorNotice error={steer.error} />
			<div className="flex justify-end gap-2">
				<Button onClick={onClose}>Not now</Button>
				<Button className="border-ember-ink text-ember-ink" disabled={steer.isPending} onClick={() => steer.mutate(undefined)}>
					{label}
				</Button>
			</div>
		</Dialog>
	);
}

function Resume({ batch, onClose }: { batch: Batch; onClose(): void }) {
	const [budget, setBudget] = useState(batch.budget_micro_usd === null ? null : batch.budget_micro_usd / 1_000_000);
	const steer = useSteer(
		batch,
		() => {
			const micro = budget === null ? null : Math.round(budget * 1_000_000);
			return api.batches.resume(batch.id, micro === batch.budget_micro_usd ? {} : { budget_micro_usd: micro });
		},
		onClose,
	);
	return (
		<Dialog title="Resume the batch" onClose={onClose}>
			<p className="text-ink-soft">
				{batch.waiting?.detail} {money(batch.charged_micro_usd)} of {money(batch.quote.total_micro_usd)} is charged so far.
			</p>
			<NumberField
				label="Budget in dollars"
				value={budget}
				onChange={setBudget}
				min={0}
				max={1_000_000}
				step={0.01}
				placeholder="no limit"
			/>
			<ErrorNotice error={steer.error} />
			<div className="flex justify-end gap-2">
				<Button onClick={onClose}>Not now</Button>
				<Button className="border-ember-ink text-ember-ink" disabled={steer.isPending} onClick={() => steer.mutate(undefined)}>
					Resume
				</Button>
			</div>
		</Dialog>
	);
}
