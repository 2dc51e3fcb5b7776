import type { GalleryImage } from "@glassworks/sdk";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api } from "../../api.ts";
import { keyOf } from "./cached.ts";

export interface GalleryFilter {
	q: string;
	starred: boolean;
	board: string | null;
}

const pageSize = 100;
const newestSize = 20;

/** Loaded page by page as one scrolls; what is finished meanwhile is put before it. */
export function useGallery(filter: GalleryFilter) {
	const wanted = {
		...(filter.q !== "" && { q: filter.q }),
		...(filter.starred && { starred: true }),
		...(filter.board !== null && { board: filter.board }),
	};
	const pages = useInfiniteQuery({
		queryKey: ["gallery", filter],
		queryFn: ({ pageParam, signal }) => api.images.list({ ...wanted, limit: pageSize, ...(pageParam && { before: pageParam }), signal }),
		initialPageParam: "",
		getNextPageParam: (page) => page.next,
		// A hundred pages are not to be read again because the window was looked at; leaving the page forgets them.
		staleTime: Number.POSITIVE_INFINITY,
		refetchOnReconnect: false,
		gcTime: 0,
	});
	const newest = useQuery({
		queryKey: ["gallery-newest", filter],
		queryFn: ({ signal }) => api.images.list({ ...wanted, limit: newestSize, signal }),
		enabled: pages.isSuccess,
		refetchInterval: 10_000,
		gcTime: 0,
	});
	const loaded = pages.data;
	const fresh = newest.data?.data;
	const pictures = useMemo(() => merge(loaded?.pages.flatMap((page) => page.data) ?? [], fresh ?? [], filter), [loaded, fresh, filter]);
	const isGap = pages.isSuccess && fresh?.length === newestSize && !pictures.overlap;
	const { refetch } = pages;
	useEffect(() => {
		if (isGap) void refetch();
	}, [isGap, refetch]);
	return { pages, pictures: pictures.all };
}

function merge(loaded: readonly GalleryImage[], fresh: readonly GalleryImage[], filter: GalleryFilter) {
	const known = new Set(loaded.map(keyOf));
	const added = fresh.filter((picture) => !known.has(keyOf(picture)));
	const fits = (picture: GalleryImage) =>
		(!filter.starred || picture.starred) && (filter.board === null || picture.boards.includes(filter.board));
	return { all: [...added, ...loaded].filter(fits), overlap: added.length < fresh.length };
}
