import type { CreateGeneration } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { type Draft, toRequest } from "./draft.ts";
import { useDebounced } from "./useDebounced.ts";

/** The price of exactly these settings. It does not depend on the words, so they are not sent while they are typed. */
export function useQuote(draft: Draft) {
	const settings = useDebounced(JSON.stringify(toRequest({ ...draft, prompt: "a picture", negativePrompt: "" })), 250);
	return useQuery({
		queryKey: ["quote", settings],
		queryFn: ({ signal }) => api.quotes.create(JSON.parse(settings) as CreateGeneration, { signal }),
		placeholderData: keepPreviousData,
		// Which steps a server can run changes as workers come and go.
		refetchInterval: 15_000,
	});
}
