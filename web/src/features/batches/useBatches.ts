import type { Batch } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

/** Rows of one page of a list. */
export const pageSize = 50;

const isMoving = (batch: Batch | undefined): boolean =>
	batch !== undefined && (batch.finished_at === null || batch.counts.running + batch.counts.queued > 0);

export function useBatchPage(before: string | undefined) {
	return useQuery({
		queryKey: ["batches", "list", before],
		queryFn: ({ signal }) => api.batches.list({ limit: pageSize, before, signal }),
		placeholderData: keepPreviousData,
		refetchInterval: ({ state }) => (state.data?.data.some(isMoving) ? 3_000 : 20_000),
	});
}

export function useBatch(id: string) {
	return useQuery({
		queryKey: ["batches", "one", id],
		queryFn: ({ signal }) => api.batches.get(id, { signal }),
		// Its news come by themselves, see useBatchNews; this is for when they do not.
		refetchInterval: 20_000,
	});
}
