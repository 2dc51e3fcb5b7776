import type { z } from "zod";
import {
	type beat,
	type claim,
	type finish,
	type hello,
	type publishNodes,
	uploaded,
	uploadedFile,
	type WorkBody,
	welcome,
	works,
} from "../contract/worker.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { Lease } from "../domain/jobs/jobStore.ts";
import type { TaskSource, Work, WorkOutcome } from "../domain/jobs/taskSource.ts";
import { type MediaType, mediaTypes } from "../domain/ports.ts";
import { openWire, type Wire, type WireOptions } from "./wire.ts";

/**
 * Work over HTTPS: all that a worker on another machine needs is this address and its token. Every method throws `unavailable` when the
 * server gave no answer, which may or may not have been too late.
 * @throws {GlassworksError} invalid_request when the address is not one, or is unencrypted and leads to another machine
 */
export function createRemoteSource(options: WireOptions): TaskSource {
	const wire = openWire(options);
	const received = new WeakMap<Work, WorkBody>();
	/** What was uploaded: finish names it. */
	const uploads = new WeakMap<Lease, Record<string, string>>();
	let workerId = "";

	const upload = uploading(wire, uploads);
	return {
		async hello({ trouble, ...now }) {
			const lists = { capabilities: [...now.capabilities], traits: { ...now.traits }, digests: { ...now.digests } };
			// Servers of before refuse what they do not know.
			const body: z.input<typeof hello> = { ...now, ...lists, ...(trouble ? { trouble } : {}) };
			const terms = readAnswer(welcome, await wire.post("hello", body));
			workerId = terms.workerId;
			return terms;
		},
		async publishNodes(digest, nodes) {
			const body: z.input<typeof publishNodes> = { digest, nodes };
			await wire.post("nodes", body);
		},
		async claim({ capabilities, ...request }, signal) {
			const body: z.input<typeof claim> = { ...request, capabilities: [...capabilities] };
			const { tasks } = readAnswer(works, await wire.post("claims", body, { waitMs: request.waitMs, signal }));
			return tasks.map((task) => {
				const { taskId, attempt, kind, model, params, inputs, files } = task;
				const roles = { inputRoles: Object.keys(inputs), fileRoles: Object.keys(files) };
				const claimed: Work = { lease: { taskId, attempt, workerId }, kind, model, params, ...roles };
				received.set(claimed, task);
				return claimed;
			});
		},
		async progress({ taskId, attempt }, { fraction, step, steps, loss }) {
			// What is undefined is left out of the JSON.
			const body: z.input<typeof beat> = { attempt, fraction, step, steps, loss };
			await wire.post(`tasks/${taskId}/progress`, body);
		},
		async preview({ taskId, attempt }, preview) {
			await wire.put(`tasks/${taskId}/preview?attempt=${attempt}`, preview);
		},
		async readInput(claimed, role) {
			const input = received.get(claimed)?.inputs[role];
			if (!input) throw new Error(`the task has no input named ${role}`);
			const { bytes } = await wire.get(input.url);
			return { bytes, mediaType: readMediaType(input.mediaType), widthPx: input.widthPx, heightPx: input.heightPx };
		},
		async readFile(claimed, role) {
			const file = received.get(claimed)?.files[role];
			if (!file) throw new Error(`the task has no file named ${role}`);
			return (await wire.get(file.url)).bytes;
		},
		writeOutput: (lease, role, picture) => upload("outputs", lease, role, picture),
		writeFile: (lease, role, bytes) => upload("files", lease, role, { bytes, mediaType: "application/octet-stream" }),
		async finish(lease, outcome) {
			await wire.post(`tasks/${lease.taskId}/finish`, finishBody(lease, outcome, uploads.get(lease) ?? {}));
		},
		// The server cannot call a worker: a progress report tells.
		onStop: () => () => {},
	};
}

/** Hands in what was made, and notes it for `finish`. */
function uploading(wire: Wire, uploads: WeakMap<Lease, Record<string, string>>) {
	return async (
		kind: "outputs" | "files",
		lease: Lease,
		role: string,
		content: { bytes: Uint8Array; mediaType: string },
	): Promise<void> => {
		const answer = await wire.put(`tasks/${lease.taskId}/${kind}/${encodeURIComponent(role)}?attempt=${lease.attempt}`, content);
		const { sha256 } = readAnswer(kind === "files" ? uploadedFile : uploaded, answer);
		uploads.set(lease, { ...uploads.get(lease), [role]: sha256 });
	};
}

function finishBody({ attempt }: Lease, outcome: WorkOutcome, outputs: Record<string, string>): z.input<typeof finish> {
	switch (outcome.kind) {
		case "succeeded":
			return { kind: "succeeded", attempt, outputs, data: outcome.data, ms: outcome.ms };
		case "failed":
			return { kind: "failed", attempt, ...outcome.failure, retryable: outcome.retryable };
		case "released":
			return { kind: "released", attempt };
	}
}

function readMediaType(text: string): MediaType {
	const known = mediaTypes.find((mediaType) => mediaType === text);
	if (known) return known;
	throw new GlassworksError("engine_invalid", `The input is a ${text}, which no step takes.`);
}

function readAnswer<T>(schema: z.ZodType<T>, answer: { bytes: Uint8Array }): T {
	try {
		return schema.parse(JSON.parse(new TextDecoder().decode(answer.bytes)));
	} catch (cause) {
		const error = new GlassworksError(
			"unavailable",
			"The answer is not what this worker understands. Are the worker and the server of the same version?",
		);
		error.cause = cause;
		throw error;
	}
}
