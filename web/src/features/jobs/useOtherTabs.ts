import { useEffect } from "react";
import { jobsStore } from "./jobsStore.ts";
import { refreshJob } from "./useJobs.ts";

/** What is on its way in one tab of this browser is shown at once in the others, which look rarely while they have nothing on its way. */
export function useOtherTabs(): void {
	useEffect(() => {
		const channel = new BroadcastChannel("glassworks.jobs");
		const known = new Set<string>();
		const unsubscribe = jobsStore.subscribe(() => {
			for (const { id, finished_at: finishedAt } of jobsStore.get().jobs ?? []) {
				if (!known.has(id) && finishedAt === null) channel.postMessage(id);
				known.add(id);
			}
		});
		channel.onmessage = ({ data: id }: MessageEvent<unknown>) => {
			// One of another account, after a change of accounts in that tab, is not found.
			if (typeof id === "string" && !known.has(id)) void refreshJob(id).catch(() => {});
		};
		return () => {
			unsubscribe();
			channel.close();
		};
	}, []);
}
