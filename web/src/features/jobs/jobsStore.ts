import type { Job, JobPage } from "@glassworks/sdk";
import { keepLinks } from "./keepLinks.ts";

export interface JobsState {
	/** Newest first. Null until the first answer. */
	jobs: readonly Job[] | null;
	/** Where older jobs go on; null when there are none. */
	next: string | null;
	/** The work so far, as `data:` addresses by `<job id>/<n>`. Passing: a reload starts without. */
	previews: Readonly<Record<string, string>>;
}

/** Every job this page knows: one list, fed by polling, event streams and the answers to what the user does. */
export interface JobsStore {
	get(): JobsState;
	subscribe(listener: () => void): () => void;
	/** The newest page. Older jobs known already stay, unless so much is new that there would be a gap. */
	takeNewest(page: JobPage): void;
	takeOlder(page: JobPage): void;
	take(job: Job): void;
	/** As `take`, with the links as they came: those on the screen turned out not to work. */
	takeLinks(job: Job): void;
	preview(jobId: string, n: number, dataUrl: string): void;
	clear(): void;
}

const empty: JobsState = { jobs: null, next: null, previews: {} };

export function createJobsStore(nowMs: () => number = Date.now): JobsStore {
	let state = empty;
	const listeners = new Set<() => void>();
	const set = (next: JobsState) => {
		state = next;
		for (const listener of listeners) listener();
	};
	const merged = (fresh: readonly Job[], known = state.jobs ?? []): Job[] => {
		const byId = new Map(known.map((job) => [job.id, job]));
		for (const job of fresh) byId.set(job.id, keepLinks(newer(byId.get(job.id), job), byId.get(job.id), nowMs()));
		return [...byId.values()].sort((a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id));
	};

	return {
		get: () => state,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		takeNewest(page) {
			const known = state.jobs ?? [];
			const connects = page.next === null || page.data.some((job) => known.some((other) => other.id === job.id));
			const isFirst = state.jobs === null || !connects;
			// What was just submitted may be younger than this answer: it stays even when the rest is replaced.
			const keep = connects ? known : known.filter((job) => job.created_at > (page.data.at(-1)?.created_at ?? ""));
			set({ ...state, jobs: merged(page.data, keep), next: isFirst ? page.next : state.next });
		},
		takeOlder: (page) => set({ ...state, jobs: merged(page.data), next: page.next }),
		take(job) {
			const ended = job.finished_at !== null;
			const previews = ended
				? Object.fromEntries(Object.entries(state.previews).filter(([key]) => !key.startsWith(`${job.id}/`)))
				: state.previews;
			set({ ...state, jobs: merged([job]), previews });
		},
		takeLinks: (job) => set({ ...state, jobs: (state.jobs ?? []).map((known) => (known.id === job.id ? job : known)) }),
		preview: (jobId, n, dataUrl) => set({ ...state, previews: { ...state.previews, [`${jobId}/${n}`]: dataUrl } }),
		clear: () => set(empty),
	};
}

/** Answers may overtake each other: an ended job never goes back to running. */
function newer(known: Job | undefined, job: Job): Job {
	return known?.finished_at && !job.finished_at ? known : job;
}

export const jobsStore = createJobsStore();
