import type { Batch } from "@glassworks/sdk";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../../api.ts";
import { coalesced } from "../jobs/coalesced.ts";

/** Past every event there is: what is told is where the batch stands from now on, not each of ten thousand items once more. */
const onlyNews = 2_147_483_647;
/** A look reads the batch and the items on the page. */
const lookEveryMs = 1_000;

/** Looks at a batch and its items again whenever the server says that something has changed, until all of it has ended. */
export function useBatchNews(batch: Batch | undefined): void {
	const queries = useQueryClient();
	const id = batch && batch.finished_at === null ? batch.id : null;
	useEffect(() => {
		if (id === null) return;
		const leaving = new AbortController();
		const look = coalesced(
			() => queries.invalidateQueries({ predicate: ({ queryKey: [page, , shown] }) => page === "batches" && shown === id }),
			lookEveryMs,
		);
		const follow = async () => {
			const options = { after: onlyNews, signal: leaving.signal, maxEmptyConnections: Number.POSITIVE_INFINITY };
			for await (const _news of api.batches.follow(id, options)) look();
			look();
		};
		// Left the page, signed out, or the batch is gone: what is asked now and then shows which.
		follow().catch(() => {});
		return () => leaving.abort();
	}, [id, queries]);
}
