import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "../../api.ts";
import { useSaved } from "../../format/useSaved.ts";
import { Chips } from "../../ui/Chips.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { PageHead } from "../../ui/PageHead.tsx";
import { BatchSettings } from "./BatchSettings.tsx";
import { BatchTicket } from "./BatchTicket.tsx";
import { type BatchDraft, type BatchRequest, emptyBatch, isBatchDraft, toRequest } from "./batchDraft.ts";
import { CsvSource } from "./CsvSource.tsx";
import type { CsvFile } from "./csvFile.ts";
import { MatrixSource } from "./MatrixSource.tsx";
import { PromptsSource } from "./PromptsSource.tsx";
import { refusedRows } from "./refusals.ts";
import { SchedulePicker } from "./SchedulePicker.tsx";
import { useBatchQuote } from "./useBatchQuote.ts";

const sources = [
	{ value: "prompts" as const, label: "Prompts" },
	{ value: "csv" as const, label: "CSV file" },
	{ value: "matrix" as const, label: "Matrix" },
];

export function NewBatch() {
	const [draft, setDraft] = useSaved("glassworks.batch", emptyBatch, isBatchDraft);
	const [file, setFile] = useState<CsvFile | null>(null);
	const change = (changes: Partial<BatchDraft>) => setDraft({ ...draft, ...changes });
	const { quote, error, isWorking } = useBatchQuote(draft, file);
	const request = toRequest(draft, file);
	const submit = useSubmit(() => setDraft(emptyBatch));
	const rows = refusedRows(error, draft, file);
	return (
		<>
			<PageHead title="New batch">
				<Link to="/batches" className="inline-flex min-h-10 items-center text-sm text-ink-soft underline underline-offset-4 hover:text-ink">
					All batches
				</Link>
			</PageHead>
			<form
				aria-label="New batch"
				className="grid items-start gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(20rem,24rem)]"
				onSubmit={(event) => {
					event.preventDefault();
					if (request && !submit.isPending) submit.mutate(request);
				}}
			>
				<div className="grid min-w-0 gap-8">
					<section aria-label="Items" className="grid gap-4">
						<Chips legend="Items from" choices={sources} value={draft.source} onChange={(source) => change({ source })} />
						{draft.source === "prompts" && <PromptsSource value={draft.prompts} onChange={(prompts) => change({ prompts })} />}
						{draft.source === "csv" && (
							<CsvSource
								file={file}
								mapping={draft.mapping}
								onFile={(next, mapping) => {
									setFile(next);
									change({ mapping, name: draft.name || (next?.name.replace(/\.[^.]*$/, "") ?? "") });
								}}
								onMapping={(mapping) => change({ mapping })}
							/>
						)}
						{draft.source === "matrix" && <MatrixSource axes={draft.axes} onChange={(axes) => change({ axes })} />}
					</section>
					<BatchSettings draft={draft} onChange={change} />
					<SchedulePicker draft={draft} onChange={change} />
				</div>
				<div className="grid gap-4 lg:sticky lg:top-20">
					<BatchTicket quote={quote} error={error} isWorking={isWorking} rows={rows} budget={draft.budget} />
					<ErrorNotice error={submit.error} />
					<button
						type="submit"
						disabled={submit.isPending || request === null || error !== null}
						className="molten h-12 rounded-xl text-base font-semibold hover:brightness-105 disabled:opacity-60"
					>
						{submit.isPending ? "Sending" : draft.when === "now" ? "Start the batch" : "Schedule the batch"}
					</button>
				</div>
			</form>
		</>
	);
}

/** Sends it once: the same request again, after an answer that never came, is the same batch. */
function useSubmit(onDone: () => void) {
	const navigate = useNavigate();
	const queries = useQueryClient();
	const sent = useRef({ text: "", key: "" });
	return useMutation({
		mutationFn: (request: BatchRequest) => {
			const text = JSON.stringify(request);
			if (sent.current.text !== text) sent.current = { text, key: crypto.randomUUID() };
			const once = { idempotencyKey: sent.current.key };
			return "items" in request ? api.batches.create(request.items, once) : api.batches.createFromCsv(request.csv, request.options, once);
		},
		onSuccess: (batch) => {
			onDone();
			queries.setQueryData(["batches", "one", batch.id], batch);
			void queries.invalidateQueries({ queryKey: ["batches", "list"] });
			void navigate(`/batches/${batch.id}`);
		},
	});
}
