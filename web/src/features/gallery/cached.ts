import type { GalleryImage, GalleryPage } from "@glassworks/sdk";
import type { InfiniteData, QueryClient } from "@tanstack/react-query";

export const keyOf = ({ job_id, n }: Pick<GalleryImage, "job_id" | "n">): string => `${job_id}.${n}`;

/** Applies to what is on the screen what the server has just accepted. Null: it is gone. */
export function editCached(queries: QueryClient, edit: (picture: GalleryImage) => GalleryImage | null): void {
	const inPage = (page: GalleryPage): GalleryPage => ({ ...page, data: page.data.flatMap((picture) => edit(picture) ?? []) });
	queries.setQueriesData<InfiniteData<GalleryPage>>(
		{ queryKey: ["gallery"] },
		(data) => data && { ...data, pages: data.pages.map(inPage) },
	);
	queries.setQueriesData<GalleryPage>({ queryKey: ["gallery-newest"] }, (page) => page && inPage(page));
}
