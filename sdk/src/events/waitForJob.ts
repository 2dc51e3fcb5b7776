import type { Transport } from "../http/transport.ts";
import { jobPath } from "../resources/jobPath.ts";
import type { Job, JobEvent } from "../types.ts";
import { followJob } from "./followJob.ts";
import { isEnded } from "./isEnded.ts";

export interface WaitOptions {
	/** Called with the job as it now is, first at once, then after every event; `event` is null the first time. */
	onUpdate?(job: Job, event: JobEvent | null): void;
	signal?: AbortSignal;
}

/** Resolves with the ended job, however it ended: look at `status`. Aborting stops the waiting, not the job. */
export async function waitForJob(transport: Transport, id: string, { onUpdate, signal }: WaitOptions = {}): Promise<Job> {
	const read = () => transport.json<Job>(jobPath(id), { signal });
	let job = await read();
	onUpdate?.(job, null);
	if (isEnded(job.status)) return job;
	for await (const event of followJob(transport, id, { signal })) {
		if (event.seq !== null) job = await read();
		onUpdate?.(job, event);
		if (isEnded(job.status)) return job;
	}
	return isEnded(job.status) ? job : read();
}
