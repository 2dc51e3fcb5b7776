import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asObject, asText, type Json, type JsonObject } from "../../domain/json.ts";
import type { Answer, ComfyHttp } from "./http.ts";

/** What HTTP says of a prompt: the only truth about it. `absent`: it never arrived, was deleted while it waited, or the server restarted. */
export type Truth = { state: "waiting" } | { state: "running" } | { state: "absent" } | Ended;

export interface Ended {
	state: "ended";
	how: "completed" | "failed" | "cancelled";
	/** By node id. */
	outputs: JsonObject;
	/** What `execution_error` said; null: nothing failed. */
	error: JsonObject | null;
}

/** @throws {GlassworksError} `engine_down` when the server gives no answer, or one that says nothing about the prompt */
export type Look = (promptId: string) => Promise<Truth>;

/** Looks with one request where the server has /api/jobs (ComfyUI 0.8 and newer), else in its history and queue. */
export function createLook(http: ComfyHttp): Look {
	let hasJobs = true;
	return async (promptId) => {
		if (hasJobs) {
			const answer = await http.get(`api/jobs/${encodeURIComponent(promptId)}`);
			if (!isRouteAbsent(answer)) return readJob(answer);
			hasJobs = false;
		}
		return lookInHistoryAndQueue(http, promptId);
	};
}

/** A route that a server has answers with JSON, also for what it does not find. */
export function isRouteAbsent({ status, json }: Answer): boolean {
	return json === undefined && (status === 404 || status === 405);
}

/** What runs and waits in the engine, anybody's, as prompt ids. @throws {GlassworksError} `engine_down` */
export async function readQueue(http: ComfyHttp): Promise<{ running: string[]; waiting: string[] }> {
	const { status, json } = await http.get("queue");
	const queue = asObject(json);
	if (status !== 200 || !Array.isArray(queue.queue_running)) throw unclear(status);
	const ids = (items: Json | undefined) => asArray(items).flatMap((item) => asText(asArray(item)[1]) ?? []);
	return { running: ids(queue.queue_running), waiting: ids(queue.queue_pending) };
}

function readJob({ status, json }: Answer): Truth {
	const job = asObject(json);
	if (status === 404) return { state: "absent" };
	if (status !== 200) throw unclear(status);
	const outputs = asObject(job.outputs);
	switch (job.status) {
		case "pending":
			return { state: "waiting" };
		case "in_progress":
			return { state: "running" };
		case "completed":
			return { state: "ended", how: "completed", outputs, error: errorAmong(asObject(job.execution_status).messages) };
		case "cancelled":
			return { state: "ended", how: "cancelled", outputs, error: null };
		case "failed":
			return { state: "ended", how: "failed", outputs, error: asObject(job.execution_error) };
		default:
			throw unclear(status);
	}
}

/** History twice: a prompt that ends between the looks has left the queue and is in the history. */
async function lookInHistoryAndQueue(http: ComfyHttp, promptId: string): Promise<Truth> {
	const ended = await lookInHistory(http, promptId);
	if (ended) return ended;
	const queue = await readQueue(http);
	if (queue.running.includes(promptId)) return { state: "running" };
	if (queue.waiting.includes(promptId)) return { state: "waiting" };
	return (await lookInHistory(http, promptId)) ?? { state: "absent" };
}

async function lookInHistory(http: ComfyHttp, promptId: string): Promise<Ended | null> {
	const { status, json } = await http.get(`history/${encodeURIComponent(promptId)}`);
	if (status !== 200 || json === undefined) throw unclear(status);
	const entry = asObject(json)[promptId];
	if (entry === undefined) return null;
	const { outputs, status: end } = asObject(entry);
	const { status_str: how, messages } = asObject(end);
	const found = { state: "ended", outputs: asObject(outputs), error: errorAmong(messages) } as const;
	if (how === "success") return { ...found, how: "completed" };
	const wasInterrupted = asArray(messages).some((message) => asArray(message)[0] === "execution_interrupted");
	return { ...found, how: wasInterrupted ? "cancelled" : "failed", error: found.error ?? {} };
}

/** A run can be called a success although a node blocked it with an error. */
function errorAmong(messages: Json | undefined): JsonObject | null {
	const error = asArray(messages).find((message) => asArray(message)[0] === "execution_error");
	return error === undefined ? null : asObject(asArray(error)[1]);
}

function unclear(status: number): GlassworksError {
	return new GlassworksError("engine_down", "The engine does not say how the picture is doing.", { status });
}
