import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { type ErrorCode, GlassworksError, stepCancelled } from "../../domain/errors.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { SidecarTimings } from "./client.ts";
import { readEvents, type ServerSentEvent } from "./eventStream.ts";
import { refused, type SidecarHttp, unreachable } from "./http.ts";
import { type AnnouncedOutput, sidecarEvents } from "./wire.ts";

/** What happens on the way. */
export interface JobWatch {
	onProgress?(progress: z.infer<typeof sidecarEvents.progress>): void;
	onPreview?(preview: z.infer<typeof sidecarEvents.preview>): void;
	onLoss?(loss: z.infer<typeof sidecarEvents.loss>): void;
}

interface Following {
	http: SidecarHttp;
	id: string;
	watch: JobWatch;
	/** Aborted: the job was told to stop, and is followed for some time to see that it did. */
	signal: AbortSignal;
	timings: SidecarTimings;
}

interface End {
	outputs: AnnouncedOutput[];
	facts: JsonObject;
}

const codeOfClass = {
	oom: "out_of_memory",
	invalid: "engine_invalid",
	missing_model: "model_missing",
	cancelled: "cancelled",
	internal: "internal",
} as const satisfies Record<string, ErrorCode>;

/** Follows a job to its end; a connection that breaks is taken up after the last event that was seen. @throws {GlassworksError} */
export async function followJob(following: Following): Promise<End> {
	const { http, id, signal, timings } = following;
	const given = new AbortController();
	const onAbort = () => void sleep(timings.cancelMs, undefined, { ref: false }).then(() => given.abort());
	if (signal.aborted) onAbort();
	signal.addEventListener("abort", onAbort, { once: true });
	const seen = { id: "", outputs: [] as AnnouncedOutput[] };
	try {
		for (let failures = 0; ; failures++) {
			const before = seen.id;
			const end = await followOnce(http, `v1/jobs/${id}/events`, seen, following, given.signal).catch((error: unknown) => {
				if (error instanceof GlassworksError) throw error;
				return null;
			});
			if (end) return end;
			if (given.signal.aborted) throw stepCancelled();
			if (seen.id !== before) failures = 0;
			if (failures >= timings.retries) unreachable();
			await sleep(timings.retryMs * 2 ** failures, undefined, { signal: given.signal }).catch(() => undefined);
		}
	} finally {
		signal.removeEventListener("abort", onAbort);
	}
}

/** Null: the connection ended before the job. Rejects with a GlassworksError only for what another try cannot mend. */
async function followOnce(
	http: SidecarHttp,
	path: string,
	seen: { id: string; outputs: AnnouncedOutput[] },
	{ watch, timings }: Following,
	signal: AbortSignal,
): Promise<End | null> {
	const silence = new AbortController();
	const timer = setTimeout(() => silence.abort(), timings.silenceMs);
	try {
		const headers: Record<string, string> = seen.id ? { "last-event-id": seen.id } : {};
		const response = await http.request(path, { headers, signal: AbortSignal.any([silence.signal, signal]) });
		if (response.status >= 500) return null;
		if (response.status !== 200 || !response.body) throw await refused(response);
		for await (const event of readEvents(response.body)) {
			timer.refresh();
			if (!event) continue;
			const facts = take(event, seen.outputs, watch);
			seen.id = event.id;
			if (facts) return { outputs: seen.outputs, facts };
		}
		return null;
	} finally {
		clearTimeout(timer);
	}
}

/** Passes an event on. Facts: the job is done. @throws {GlassworksError} when it failed */
function take({ type, data }: ServerSentEvent, outputs: AnnouncedOutput[], watch: JobWatch): JsonObject | null {
	const json: Json = JSON.parse(data);
	switch (type) {
		case "progress":
			watch.onProgress?.(sidecarEvents.progress.parse(json));
			return null;
		case "preview":
			watch.onPreview?.(sidecarEvents.preview.parse(json));
			return null;
		case "loss":
			watch.onLoss?.(sidecarEvents.loss.parse(json));
			return null;
		case "output":
			outputs.push(sidecarEvents.output.parse(json));
			return null;
		case "done":
			return sidecarEvents.done.parse(json).facts;
		case "failed": {
			const failed = sidecarEvents.failed.parse(json);
			throw new GlassworksError(codeOfClass[failed.class], failed.message);
		}
		default:
			return null;
	}
}
