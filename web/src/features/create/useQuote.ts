import type { CreateGeneration } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { type Draft, toRequest } from "./draft.ts";
import { useDebounced } from "./useDebounced.ts";

/** Price, place and ETA of exactly these settings. They do not depend on the words, so they are not sent while they are typed. */
export function useQuote(draft: Draft) {
	const settings = useDebounced(JSON.stringify(toRequest({ ...draft, prompt: "a picture", negativePrompt: "" })), 250);
	return useQuery({
		queryKey: ["quote", settings],
		queryFn: ({ signal }) => api.quotes.create(JSON.parse(settings) as CreateGeneration, { signal }),
		placeholderData: keepPreviousData,
		// The line moves, and workers come and go.
		refetchInterval: 5_000,
	});
}
