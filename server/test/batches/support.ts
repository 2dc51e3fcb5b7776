import type { BatchBody } from "../../src/contract/batch.ts";
import type { Call } from "../http/call.ts";

/** Fields that make a picture quickly. */
export const small = { width: 64, height: 64, steps: 1, upscale: false, restore_faces: false };

/** Waits until all of a batch has ended. */
export async function finishedBatch(call: Call, id: string): Promise<BatchBody> {
	return batchWhen(call, id, (batch) => batch.finished_at !== null);
}

export async function batchWhen(call: Call, id: string, is: (batch: BatchBody) => boolean): Promise<BatchBody> {
	for (;;) {
		const { status, text } = await call("GET", `/api/v1/batches/${id}`);
		if (status !== 200) throw new Error(`the batch was answered with ${status}: ${text}`);
		const batch = JSON.parse(text) as BatchBody;
		if (is(batch)) return batch;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
