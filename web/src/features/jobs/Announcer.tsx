import { useEffect, useRef, useState } from "react";
import { usePageLabel } from "../../app/usePages.ts";
import { useTitle } from "../../app/useTitle.ts";
import { announcement } from "./inWords.ts";
import { useJobsPolling, useJobsState } from "./useJobs.ts";
import { useLiveJobs } from "./useLiveJobs.ts";
import { useOtherTabs } from "./useOtherTabs.ts";

/** Follows the jobs on every page; tells screen readers what changed since it was opened, and the tab how much is on its way. */
export function Announcer() {
	useJobsPolling();
	useLiveJobs();
	useOtherTabs();
	const { jobs } = useJobsState();
	useTitle(usePageLabel(), (jobs ?? []).filter((job) => job.finished_at === null && job.status !== "scheduled").length);
	const heard = useRef<Map<string, string> | null>(null);
	const [text, setText] = useState("");
	useEffect(() => {
		if (jobs === null) return;
		const now = new Map(jobs.map((job) => [job.id, announcement(job)]));
		const before = heard.current;
		heard.current = now;
		// What was there when the page opened is read in place, not announced.
		if (!before) return;
		const news = [...now].filter(([id, line]) => before.get(id) !== line).map(([, line]) => line);
		if (news.length > 0) setText(news.join(". "));
	}, [jobs]);
	return (
		<div role="status" aria-live="polite" className="sr-only">
			{text}
		</div>
	);
}
