import type { Json, JsonObject } from "../../../../src/domain/json.ts";
import { type FrameLine, type HttpLine, type Line, readTranscript } from "./transcript.ts";

/** One POST /prompt of a transcript and everything that came of it. */
export interface RecordedRun {
	name: string;
	/** The graph that was posted. */
	graph: Record<string, { class_type: string; inputs: JsonObject }>;
	answer: { status: number; json?: Json; text: string };
	promptId: string;
	clientId: string;
	frames: RecordedFrame[];
	/** Its entry of GET /history/{id}; null: it never got one. */
	history: JsonObject | null;
	/** What GET /api/jobs/{id} said at the end; null: nobody asked. */
	job: JsonObject | null;
	/** The client had said that it understands previews with metadata. */
	hasFlags: boolean;
}

export interface RecordedFrame {
	/** Milliseconds after the prompt was posted. */
	atMs: number;
	event?: { type: string; data: JsonObject };
	bytes?: Buffer;
}

/** The prompts of a transcript, in the order in which they were posted. `socket`: only what this one received. */
export function recordedRuns(name: string, socket?: string): RecordedRun[] {
	const lines = readTranscript(name);
	return lines.filter(isSubmit).map((submit) => cutRun(name, lines, submit, socket));
}

/** The prompt of a transcript with this place, counted from 0, or whose note contains this text. */
export function recordedRun(name: string, which: number | string = 0, socket?: string): RecordedRun {
	const lines = readTranscript(name);
	const submits = lines.filter(isSubmit);
	const submit = typeof which === "number" ? submits[which] : submits.find(({ note }) => note?.includes(which));
	if (!submit) throw new Error(`${name} has no prompt ${which}`);
	return cutRun(name, lines, submit, socket);
}

type Submit = HttpLine & { status: number; req_json: JsonObject; note?: string };

function isSubmit(line: Line): line is Submit {
	return line.kind === "http" && line.method === "POST" && line.path === "/prompt" && line.status !== undefined && "req_json" in line;
}

function cutRun(name: string, lines: Line[], submit: Submit, socket: string | undefined): RecordedRun {
	const { prompt, client_id: clientId } = submit.req_json;
	const promptId = String((submit.res_json as JsonObject | undefined)?.prompt_id ?? submit.req_json.prompt_id ?? "none");
	return {
		name,
		graph: (prompt ?? {}) as RecordedRun["graph"],
		answer: { status: submit.status, json: submit.res_json, text: submit.res_text ?? "" },
		promptId,
		clientId: String(clientId ?? "none"),
		frames: cutFrames(lines, submit, promptId, socket),
		history: (answerTo(lines, `/history/${promptId}`)?.[promptId] as JsonObject | undefined) ?? null,
		job: answerTo(lines, `/api/jobs/${promptId}`),
		hasFlags: lines.some(({ kind }) => kind === "ws_send"),
	};
}

/** The last answer: earlier ones were given while it ran. */
function answerTo(lines: Line[], path: string): JsonObject | null {
	const found = lines.findLast((line): line is HttpLine => line.kind === "http" && line.path === path && line.status === 200);
	return (found?.res_json as JsonObject | undefined) ?? null;
}

/** From its first frame to `executing` without a node, with what the same socket said to everybody in between. */
function cutFrames(lines: Line[], submit: Submit, promptId: string, socket: string | undefined): RecordedFrame[] {
	const frames = lines.filter((line): line is FrameLine => line.kind === "ws_recv" && (socket === undefined || line.ws === socket));
	const isOwn = ({ json }: FrameLine) => json?.data.prompt_id === promptId;
	const first = frames.findIndex(isOwn);
	if (first === -1) return [];
	const end = frames.findIndex((frame) => isOwn(frame) && frame.json?.type === "executing" && frame.json.data.node === null);
	const last = end === -1 ? frames.findLastIndex(isOwn) : end;
	const sockets = new Set(frames.filter(isOwn).map(({ ws }) => ws));
	return frames
		.slice(first, last + 1)
		.filter((frame) => sockets.has(frame.ws) && (isOwn(frame) || belongsToNobody(frame)))
		.map(({ t, json, b64 }) => ({
			atMs: Math.max(0, (t - submit.t) * 1000),
			...(json ? { event: json } : { bytes: Buffer.from(b64 ?? "", "base64") }),
		}));
}

/** Previews, the length of the queue, and what a socket is told when it opens during a run. */
function belongsToNobody({ json }: FrameLine): boolean {
	if (json === undefined) return true;
	return json.data.prompt_id === undefined && json.data.sid === undefined;
}
