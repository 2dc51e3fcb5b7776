import { useEffect, useRef } from "react";
import { useJobsState } from "../jobs/useJobs.ts";
import type { EditSession } from "./editSession.ts";
import type { PictureRef } from "./pictureRef.ts";

/** Shows the first result of the latest edit when it is there, unless its mask has been worked on since or a hand is at work. */
export function useNewResult({ sent, commands }: EditSession, show: ((result: PictureRef) => void) | null): void {
	const { jobs } = useJobsState();
	const latest = sent.at(-1)?.jobId;
	const waiting = useRef<{ jobId: string; commands: number } | null>(null);
	const job = jobs?.find(({ id }) => id === latest);
	const n = job?.images.find(({ status }) => status === "succeeded")?.n;
	useEffect(() => {
		if (latest === undefined || job === undefined) return;
		if (n === undefined) {
			if (waiting.current?.jobId !== latest) waiting.current = { jobId: latest, commands: commands.length };
			return;
		}
		if (waiting.current?.jobId !== latest) return;
		const isUntouched = waiting.current.commands === commands.length;
		waiting.current = null;
		if (isUntouched) show?.({ kind: "job", id: latest, n });
	}, [latest, job, n, commands.length, show]);
}
