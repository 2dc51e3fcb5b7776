import type { Caller, JobEventBody } from "../../contract/door.ts";
import type { JobBody } from "../../contract/job.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { event } from "../common/sendEvents.ts";
import { awaitJob, failureOf, watchJob } from "../common/watchJob.ts";
import type { ImagesRequest } from "./readRequest.ts";
import { errorBody } from "./refuse.ts";

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
/** Nothing here is counted in tokens. */
const usage = {
	...{ input_tokens: 0, output_tokens: 0, total_tokens: 0 },
	input_tokens_details: { image_tokens: 0, text_tokens: 0 },
	output_tokens_details: { image_tokens: 0, text_tokens: 0 },
};

/** What OpenAI says of the pictures of an answer, as they are. */
function look(job: JobBody, { quality }: ImagesRequest) {
	const made = job.images.find((image) => image.status === "succeeded");
	return {
		background: "opaque",
		output_format: made?.media_type?.replace("image/", "") ?? "png",
		quality: ["low", "medium", "high"].includes(quality ?? "") ? quality : "auto",
		size: made ? `${made.width}x${made.height}` : "auto",
	};
}

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1_000);

/** A whole answer: every picture that succeeded. */
export async function imagesAnswer(caller: Caller, job: JobBody, request: ImagesRequest): Promise<object> {
	const failure = failureOf(job);
	if (failure) throw failure;
	const made = job.images.filter((image) => image.status === "succeeded");
	const data = [];
	for (const { n, url } of made)
		data.push(request.response_format === "url" ? { url } : { b64_json: base64((await caller.picture(job.id, n)).bytes) });
	return { created: seconds(job.created_at), data, ...look(job, request), usage };
}

/** A streamed answer: pictures of the work as far as it is, then each finished one. */
export async function* streamAnswer(
	caller: Caller,
	job: JobBody,
	request: ImagesRequest & { kind: "image_generation" | "image_edit" },
	options: { signal: AbortSignal; cancels: boolean },
): AsyncGenerator<string> {
	try {
		let sent = 0;
		const wanted = request.partial_images ?? 0;
		const choose = createChooser(wanted);
		if (wanted > 0)
			for await (const each of watchJob(caller, job.id, options.signal)) {
				const preview = choose(each);
				if (!preview) continue;
				const picture = await caller.encode(preview, request.output_format ?? "png");
				const size = `${picture.widthPx}x${picture.heightPx}`;
				const type = `${request.kind}.partial_image`;
				const data = { type, partial_image_index: sent++, b64_json: base64(picture.bytes), created_at: Math.floor(Date.now() / 1_000) };
				yield event({ type, data: { ...data, ...look(job, request), output_format: picture.mediaType.replace("image/", ""), size } });
			}
		const ended = await awaitJob(caller, job, options);
		const failure = failureOf(ended);
		if (failure) throw failure;
		for (const { n } of ended.images.filter((image) => image.status === "succeeded")) {
			const type = `${request.kind}.completed`;
			const { bytes } = await caller.picture(ended.id, n);
			const data = { type, b64_json: base64(bytes), created_at: seconds(ended.created_at), ...look(ended, request), usage };
			yield event({ type, data });
		}
	} catch (error) {
		// The answer has begun: its clients raise what is under `error`.
		const known = error instanceof GlassworksError ? error : new GlassworksError("internal", "Something went wrong on our side.");
		yield event({ type: "error", data: { type: "error", error: errorBody(known) } });
	}
}

/** Picks previews evenly over the work, and none that shows what was sent before. */
function createChooser(wanted: number): (event: JobEventBody) => Uint8Array | null {
	let fraction = 0;
	let sent = 0;
	let last = "";
	return ({ type, data }) => {
		if (type === "progress" && typeof data.fraction === "number") fraction = data.fraction;
		if (type !== "preview" || typeof data.data_url !== "string" || sent >= wanted) return null;
		if (fraction < sent / (wanted + 1) || data.data_url === last) return null;
		sent += 1;
		last = data.data_url;
		return Buffer.from(data.data_url.slice(data.data_url.indexOf(",") + 1), "base64");
	};
}
