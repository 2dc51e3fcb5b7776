import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useDebounced } from "../create/useDebounced.ts";
import { type BatchDraft, type BatchRequest, forQuote } from "./batchDraft.ts";
import type { CsvFile } from "./csvFile.ts";

/** The price of all of it, and what is wrong with it, while it is written. */
export function useBatchQuote(draft: BatchDraft, file: CsvFile | null) {
	const settled = useDebounced(JSON.stringify(forQuote(draft, file)), 400);
	const quote = useQuery({
		queryKey: ["batch-quote", settled],
		queryFn: ({ signal }) => {
			const request = JSON.parse(settled) as BatchRequest;
			return "items" in request
				? api.batches.quote(request.items, { signal })
				: api.batches.quoteCsv(request.csv, request.options, { signal });
		},
		enabled: settled !== "null",
		placeholderData: keepPreviousData,
		// The request of ten thousand items is long: none is kept but the last.
		gcTime: 0,
	});
	return {
		quote: settled === "null" ? undefined : quote.data,
		error: settled === "null" ? null : quote.error,
		isWorking: quote.isFetching,
	};
}
