import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../../src/domain/json.ts";

/** One job as the real sidecar ran it. */
export interface RecordedJob {
	/** What was asked, by `jobKey`. */
	asked: string;
	status: number;
	/** Of a job that was refused. */
	refusal: JsonObject | null;
	/** The events as they came, comments left out. */
	events: string[];
	/** Base64, in the order of their numbers. */
	outputs: string[];
}

/** What a real sidecar answered. */
export interface SidecarRecording {
	capabilities: JsonObject;
	jobs: RecordedJob[];
}

/** server/test/data/diffusers/recorded.json; recordSidecar.ts made it. */
export const recordingFile = new URL("../../../data/diffusers/recorded.json", import.meta.url);

export function readRecording(): SidecarRecording {
	return JSON.parse(readFileSync(recordingFile, "utf8"));
}

/** A job without its id and the bytes of its pictures, which other versions of libraries encode in another way. */
export function jobKey(body: string): string {
	const pictures = ["image", "mask", "id"];
	return JSON.stringify(JSON.parse(body), (name, value) => (pictures.includes(name) && typeof value === "string" ? name : value));
}
