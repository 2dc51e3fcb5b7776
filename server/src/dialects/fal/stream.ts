import type { Caller, Door } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { eventText, priceText } from "../common/describeJob.ts";
import { event } from "../common/sendEvents.ts";
import { awaitJob, watchJob } from "../common/watchJob.ts";
import { falLog, placeLog, presentResult, presentStatus } from "./answer.ts";

/** A request's status whenever something of it changes; each carries only the logs that are new. */
export async function* statusStream(
	door: Door,
	caller: Caller,
	endpoint: string,
	job: JobBody,
	{ signal, withLogs }: { signal: AbortSignal; withLogs: boolean },
): AsyncGenerator<string> {
	let logs = [falLog(job.created_at, `Price: ${priceText(job)}`)];
	const say = async () => {
		const now = await caller.job(job.id);
		const status = await presentStatus(door, caller, endpoint, now, false);
		const fresh = withLogs ? { logs } : {};
		logs = [];
		return event({ data: { ...status, ...fresh } });
	};
	for await (const each of watchJob(caller, job.id, signal)) {
		if (each.type === "preview") continue;
		const text = eventText(each);
		const place = each.type === "waiting" ? placeLog(each.data as unknown as NonNullable<JobBody["waiting"]>) : null;
		if (text) logs.push(falLog(each.created_at, text, each.type === "step.retrying"));
		if (place) logs.push(place);
		// The last one is told below, when it is all over.
		if (!isLast(each.type)) yield await say();
	}
	yield await say();
}

const isLast = (type: string): boolean => ["job.succeeded", "job.partial", "job.failed", "job.cancelled"].includes(type);

/** What an endpoint's stream says: pictures of the work as far as it is, then the result. */
export async function* resultStream(
	caller: Caller,
	job: JobBody,
	refused: (error: GlassworksError) => object,
	signal: AbortSignal,
): AsyncGenerator<string> {
	try {
		for await (const { type, data } of watchJob(caller, job.id, signal)) {
			if (type === "progress") yield event({ data: { progress: data.fraction, step: data.step } });
			if (type === "preview") yield event({ data: { images: [{ url: data.data_url, content_type: "image/png" }], partial: true } });
		}
		yield event({ data: await presentResult(caller, await awaitJob(caller, job, { signal, cancels: true })) });
	} catch (error) {
		const known = error instanceof GlassworksError ? error : new GlassworksError("internal", "Something went wrong on our side.");
		yield event({ data: refused(known) });
	}
}
