import { readFileSync } from "node:fs";
import type { Json, JsonObject } from "../../../../src/domain/json.ts";

/** Lines of server/test/data/comfyui/transcripts; its README tells what they mean. `t`: seconds since the file began. */
export type Line = HttpLine | FrameLine | OtherLine;

export interface HttpLine {
	t: number;
	kind: "http";
	method: string;
	path: string;
	req_json?: JsonObject;
	/** Absent: the connection failed. */
	status?: number;
	res_json?: Json;
	res_text?: string;
	res_b64?: string;
}

export interface FrameLine {
	t: number;
	kind: "ws_recv";
	ws: string;
	json?: { type: string; data: JsonObject };
	b64?: string;
}

export interface OtherLine {
	t: number;
	kind: "ws_open" | "ws_closed" | "ws_send" | "note";
	text?: string;
}

const folder = new URL("../../../data/comfyui/", import.meta.url);

/** A transcript by its file name without `.jsonl`. */
export function readTranscript(name: string): Line[] {
	const text = readFileSync(new URL(`transcripts/${name}.jsonl`, folder), "utf8");
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
}

/** The same server's GET /object_info, 74 of its 636 nodes. */
export function readObjectInfo(): JsonObject {
	return JSON.parse(readFileSync(new URL("object_info.json", folder), "utf8"));
}

/** What the server answered to a GET, by path, where the transcript has it. */
export function recordedAnswer(lines: Line[], path: string): Json {
	const line = lines.find((each): each is HttpLine => each.kind === "http" && each.method === "GET" && each.path === path);
	if (line?.res_json === undefined) throw new Error(`no answer to GET ${path} was recorded`);
	return line.res_json;
}
