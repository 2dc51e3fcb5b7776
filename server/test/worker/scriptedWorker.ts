import { afterEach } from "vitest";
import type { Engine } from "../../src/domain/ports.ts";
import { startWorker, type WorkerHandle, type WorkerOptions } from "../../src/worker/loop.ts";
import { createEngine, createMemoryLog, type RunStep, type ScriptedSource } from "./scriptedSource.ts";

let worker: WorkerHandle | null = null;
afterEach(async () => {
	await worker?.stop(0);
	worker = null;
});

/** Starts a worker on this source, and stops it after the test. */
export function begin(source: ScriptedSource, run: RunStep | Engine, options: Partial<WorkerOptions> = {}) {
	const log = createMemoryLog();
	const engines = [typeof run === "function" ? createEngine(run) : run];
	worker = startWorker({ source, engines, slots: 1, log, abandonMs: 200, ...options });
	return { worker, log };
}

export async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
