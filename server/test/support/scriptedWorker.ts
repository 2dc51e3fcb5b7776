import { createHash } from "node:crypto";
import type { WorkBody } from "../../src/contract/worker.ts";
import type { Traits } from "../../src/domain/engines/traits.ts";
import { type Call, caller } from "../http/call.ts";

/** A worker of another machine, as far as the server can tell: says what it can do and takes work by the worker protocol. */
export interface ScriptedWorker {
	id: string;
	/** Says again what it can do; a worker that says nothing for long is not live. */
	hello(): Promise<void>;
	/** The next task of a pool. @throws {Error} when there is none */
	claim(pool: string): Promise<WorkBody>;
	/** Ends the task with a picture. */
	succeed(work: WorkBody, png: Uint8Array<ArrayBuffer>): Promise<void>;
	/** Ends the task without one, for good. */
	fail(work: WorkBody, message: string): Promise<void>;
	revoke(): Promise<void>;
}

export async function startScriptedWorker(
	url: string,
	owner: Call,
	offer: { pools: string[]; traits: Record<string, Partial<Traits>>; nodes?: object },
): Promise<ScriptedWorker> {
	const made = (await owner("POST", "/api/v1/workers", { body: { name: "scripted", pools: offer.pools } })).body;
	const call = caller(url, made.token);
	const capabilities = Object.keys(offer.traits);
	const text = offer.nodes ? JSON.stringify(offer.nodes) : null;
	const nodesDigest = text && createHash("sha256").update(text).digest("hex");
	const expected = async (status: number, ...asked: Parameters<Call>) => {
		const answer = await call(...asked);
		if (answer.status !== status) throw new Error(`${asked[1]} answered ${answer.status}: ${answer.text}`);
		return answer.body as unknown;
	};
	const hello = async () => {
		const body = { capabilities, traits: offer.traits, nodesDigest, loadedModel: null, slots: 1 };
		await expected(200, "POST", "/api/worker/v1/hello", { body });
	};
	if (text) await expected(204, "POST", "/api/worker/v1/nodes", { body: { digest: nodesDigest, nodes: offer.nodes } });
	await hello();
	return {
		id: made.worker.id,
		hello,
		async claim(pool) {
			const body = { pool, capabilities, loadedModel: null, slots: 1, waitMs: 5_000 };
			const { tasks } = (await expected(200, "POST", "/api/worker/v1/claims", { body })) as { tasks: WorkBody[] };
			if (!tasks[0]) throw new Error("there is nothing to claim");
			return tasks[0];
		},
		async succeed({ taskId, attempt }, png) {
			const at = `/api/worker/v1/tasks/${taskId}`;
			const stored = await expected(200, "PUT", `${at}/outputs/image?attempt=${attempt}`, {
				raw: png,
				headers: { "content-type": "image/png" },
			});
			const outputs = { image: (stored as { sha256: string }).sha256 };
			await expected(204, "POST", `${at}/finish`, { body: { kind: "succeeded", attempt, outputs, data: {}, ms: 10 } });
		},
		async fail({ taskId, attempt }, message) {
			const body = { kind: "failed", attempt, code: "engine_invalid", message, retryable: false };
			await expected(204, "POST", `/api/worker/v1/tasks/${taskId}/finish`, { body });
		},
		async revoke() {
			await owner("POST", `/api/v1/workers/${made.worker.id}/revoke`);
		},
	};
}
