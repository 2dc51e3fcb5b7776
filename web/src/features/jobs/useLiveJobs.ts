import type { JobEvent } from "@glassworks/sdk";
import { useEffect, useState } from "react";
import { api } from "../../api.ts";
import { coalesced } from "./coalesced.ts";
import { jobsStore } from "./jobsStore.ts";
import { toFollow } from "./toFollow.ts";
import { refreshJob, useJobsState } from "./useJobs.ts";

/** Events come many times a second, and all at once after a reconnection; the job itself is read at most this often. */
const refreshEveryMs = 500;
/** The last event heard of each job: a stream that is opened again goes on from there. */
const heard = new Map<string, number>();

/** Follows the jobs that run or are next, over their event streams, while the page is in sight. */
export function useLiveJobs(): void {
	const { jobs } = useJobsState();
	const isVisible = useIsVisible();
	const followed = isVisible ? toFollow(jobs ?? []).join(" ") : "";
	useEffect(() => {
		if (followed === "") return;
		const leaving = new AbortController();
		for (const id of followed.split(" ")) void follow(id, leaving.signal);
		return () => leaving.abort();
	}, [followed]);
}

async function follow(id: string, signal: AbortSignal): Promise<void> {
	// Outlives the stream: the last event is answered by reading how the job ended.
	const refresh = coalesced(async () => void (await refreshJob(id).catch(() => {})), refreshEveryMs);
	try {
		for await (const event of api.jobs.events(id, { after: heard.get(id), signal, maxEmptyConnections: Number.POSITIVE_INFINITY })) {
			if (event.seq !== null) heard.set(id, event.seq);
			takePreview(id, event);
			if (event.type !== "preview") refresh();
		}
		refresh();
	} catch {
		// Left the page, signed out or the job is gone: polling shows which.
	}
}

function takePreview(id: string, event: JobEvent): void {
	const { n, data_url: preview } = event.data;
	if (event.type === "preview" && typeof n === "number" && typeof preview === "string" && preview.startsWith("data:image/"))
		jobsStore.preview(id, n, preview);
}

function useIsVisible(): boolean {
	const [isVisible, setVisible] = useState(() => document.visibilityState === "visible");
	useEffect(() => {
		const onChange = () => setVisible(document.visibilityState === "visible");
		document.addEventListener("visibilitychange", onChange);
		return () => document.removeEventListener("visibilitychange", onChange);
	}, []);
	return isVisible;
}
