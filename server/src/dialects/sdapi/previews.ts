import type { Caller } from "../../contract/door.ts";

/** Jobs that are watched at once; of more there is no picture. */
const maxWatched = 200;
/** Whoever has not asked for so long is told nothing any more. */
const idleMs = 30_000;

interface Watched {
	picture: string | null;
	stopsLater: NodeJS.Timeout;
}

/** Pictures of work that is not done, for clients that only ever ask how it is. A job is watched from the first question to its end. */
export function createPreviews(): (caller: Caller, jobId: string) => string | null {
	const watched = new Map<string, Watched>();
	return (caller, jobId) => {
		const known = watched.get(jobId);
		if (known) {
			known.stopsLater.refresh();
			return known.picture;
		}
		if (watched.size >= maxWatched) return null;
		const stop = new AbortController();
		const entry: Watched = { picture: null, stopsLater: setTimeout(() => stop.abort(), idleMs).unref() };
		watched.set(jobId, entry);
		const following = caller.follow(
			jobId,
			({ type, data }) => {
				if (type === "preview" && typeof data.data_url === "string") entry.picture = data.data_url.replace(/^[^,]*,/, "");
			},
			stop.signal,
		);
		following
			.catch(() => {})
			.finally(() => {
				clearTimeout(entry.stopsLater);
				watched.delete(jobId);
			});
		return null;
	};
}
