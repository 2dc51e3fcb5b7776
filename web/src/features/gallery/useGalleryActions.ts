import type { Board, GalleryImage } from "@glassworks/sdk";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { refreshJob } from "../jobs/useJobs.ts";
import { editCached, keyOf } from "./cached.ts";

/** The server's limit for one change and one ZIP. */
export const mostAtOnce = 500;
/** Deletions sent at the same time. */
const lanes = 4;

export function useBoards() {
	return useQuery({ queryKey: ["boards"], queryFn: ({ signal }) => api.boards.list({ signal }) });
}

interface Change {
	pictures: readonly GalleryImage[];
	starred?: boolean;
	addTo?: Board;
	removeFrom?: string;
}

/** What is done to pictures; the screen shows it once the server has accepted it. */
export function useGalleryActions() {
	const queries = useQueryClient();
	const boardsMoved = () => queries.invalidateQueries({ queryKey: ["boards"] });
	const change = useMutation({
		mutationFn: async ({ pictures, starred, addTo, removeFrom }: Change) => {
			const wanted = {
				...(starred !== undefined && { starred }),
				...(addTo && { add_to_board: addTo.id }),
				...(removeFrom !== undefined && { remove_from_board: removeFrom }),
			};
			for (let start = 0; start < pictures.length; start += mostAtOnce)
				await api.images.change(pictures.slice(start, start + mostAtOnce), wanted);
		},
		onSuccess: (_done, { pictures, starred, addTo, removeFrom }) => {
			const keys = new Set(pictures.map(keyOf));
			editCached(queries, (picture) => {
				if (!keys.has(keyOf(picture))) return picture;
				const left = picture.boards.filter((id) => id !== removeFrom && id !== addTo?.id);
				return { ...picture, starred: starred ?? picture.starred, boards: addTo ? [...left, addTo.id] : left };
			});
			if (addTo || removeFrom !== undefined) void boardsMoved();
		},
		// Some may have been deleted elsewhere.
		onError: () => void queries.invalidateQueries({ queryKey: ["gallery"] }),
	});
	const remove = useMutation({
		mutationFn: async (pictures: readonly GalleryImage[]) => {
			const waiting = [...pictures];
			const lane = async () => {
				for (let next = waiting.pop(); next; next = waiting.pop()) {
					const key = keyOf(next);
					await api.images.delete(next.job_id, next.n);
					editCached(queries, (picture) => (keyOf(picture) === key ? null : picture));
				}
			};
			await Promise.all(Array.from({ length: lanes }, lane));
			// Create shows them too.
			const jobs = [...new Set(pictures.map(({ job_id }) => job_id))];
			await Promise.all(jobs.slice(0, 20).map((id) => refreshJob(id).catch(() => {})));
		},
		onSettled: boardsMoved,
	});
	return { change, remove };
}

/** Through the page's memory: a download by address could not carry hundreds of names. */
export async function downloadZip(pictures: readonly GalleryImage[]): Promise<void> {
	const blob = await new Response(await api.images.zip(pictures)).blob();
	const link = document.createElement("a");
	link.href = URL.createObjectURL(blob);
	link.download = `glassworks-${pictures.length}-pictures.zip`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
