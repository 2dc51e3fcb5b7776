import type { z } from "zod";
import type { JobBody, jobEvent } from "../../src/contract/job.ts";

/** What came back, read once. */
export interface Answer {
	status: number;
	headers: Headers;
	body: Body;
	text: string;
}

/** What tests read out of answers of every kind; what is not there is undefined all the same. */
export interface Body extends Pick<JobBody, "id" | "links" | "images"> {
	status: string | number;
	code: string;
	data: { id: string; name: string; pool: string }[];
	next: string | null;
	url: string;
	lines: object[];
	skipped: { step: string; reason: string }[];
	steps: { id: string }[];
	pools: { pool: string }[];
	scopes: string[];
	paths: Record<string, Record<string, object>>;
	key: { id: string; caps?: object };
	secret: string;
	worker: { id: string };
	token: string;
}

export type Call = (
	method: string,
	path: string,
	options?: { body?: unknown; headers?: Record<string, string>; raw?: Uint8Array<ArrayBuffer> },
) => Promise<Answer>;

/** Calls a server with a key; `path` may be a whole address. */
export function caller(url: string, key: string | null): Call {
	return async (method, path, { body, headers = {}, raw } = {}) => {
		const response = await fetch(new URL(path, url), {
			method,
			redirect: "manual",
			headers: {
				...(key === null ? {} : { authorization: `Bearer ${key}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...headers,
			},
			body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
		});
		const text = await response.text();
		const isJson = (response.headers.get("content-type") ?? "").includes("json");
		return { status: response.status, headers: response.headers, text, body: isJson && text !== "" ? JSON.parse(text) : {} };
	};
}

/** Uploads a picture, to be named in a request. */
export async function uploadPicture(call: Call, bytes: Uint8Array, type = "image/png"): Promise<{ asset_id: string }> {
	const { status, text, body } = await call("POST", "/api/v1/assets", {
		raw: new Uint8Array(bytes),
		headers: { "content-type": type },
	});
	if (status !== 201) throw new Error(`the upload was answered with ${status}: ${text}`);
	return { asset_id: body.id };
}

/** Bytes of an address, as they came. */
export async function download(
	url: string,
	headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Uint8Array }> {
	const response = await fetch(url, { headers });
	return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

export interface ReadEvent {
	id: number | null;
	type: string;
	data: z.infer<typeof jobEvent>;
}

/** Reads a stream of server-sent events until it ends, or until `enough` says so. */
export async function readEvents(
	url: string,
	headers: Record<string, string>,
	enough: (events: ReadEvent[]) => boolean = () => false,
): Promise<ReadEvent[]> {
	const response = await fetch(url, { headers });
	if (response.status !== 200 || !response.body) throw new Error(`the stream answered ${response.status}`);
	const events: ReadEvent[] = [];
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of response.body) {
		const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
		rest = parts.pop() ?? "";
		events.push(...parts.filter((part) => !part.startsWith(":")).map(readEvent));
		if (enough(events)) break;
	}
	return events;
}

function readEvent(part: string): ReadEvent {
	const fields = Object.fromEntries(
		part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
	);
	return { id: fields.id === undefined ? null : Number(fields.id), type: fields.event ?? "", data: JSON.parse(fields.data ?? "null") };
}

const ended = ["succeeded", "partial", "failed", "cancelled"];

/** Follows a job to its end and gives it back. */
export async function finished(call: Call, key: string, job: { id: string; links: { events: string } }) {
	await readEvents(job.links.events, { authorization: `Bearer ${key}` });
	const { body } = await call("GET", `/api/v1/jobs/${job.id}`);
	if (!ended.includes(String(body.status))) throw new Error(`the job's events ended while it was ${body.status}`);
	return body;
}
