import type { CreateEdit } from "@glassworks/sdk";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useDebounced } from "../create/useDebounced.ts";
import type { Rect, Size } from "./canvas/rect.ts";
import { type EditSettings, toQuoted } from "./editRequest.ts";
import type { PictureRef } from "./pictureRef.ts";

/** What the edit would cost and what would do it, before it is sent. Asked when the hand rests: the server prepares an edit for it. */
export function useEditQuote(base: PictureRef, settings: EditSettings, box: Rect | null, size: Size) {
	const asked = useDebounced(JSON.stringify(toQuoted(base, settings, box, size)), 600);
	return useQuery({
		queryKey: ["edit", "quote", asked],
		queryFn: ({ signal }) => api.edits.quote(JSON.parse(asked) as CreateEdit, { signal }),
		placeholderData: keepPreviousData,
		staleTime: 60_000,
		// The line moves; the server prepares an edit for each, so more seldom than where it does not.
		refetchInterval: 15_000,
	});
}
