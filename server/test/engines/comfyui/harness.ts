import { afterAll, expect } from "vitest";
import { GlassworksError } from "../../../src/domain/errors.ts";
import type { Engine, Log, Picture, PictureGate, StepContext, StepOutput, StepProgress, StepRequest } from "../../../src/domain/ports.ts";
import { createComfyEngine } from "../../../src/engines/comfyui/engine.ts";
import type { Timings } from "../../../src/engines/comfyui/timings.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import type { RecordedRun } from "./replay/recordedRun.ts";
import { type ReplayOptions, type ReplayServer, startReplayServer } from "./replay/startReplayServer.ts";

/** Waits short enough for tests. What judges silence stays long, so that a busy machine is not taken for a stuck engine. */
const testTimings: Partial<Timings> = {
	requestMs: 5_000,
	reconnectMs: 5,
	lookMs: 20,
	blindLookMs: 10,
	hurriedLookMs: 2,
	stopRepeatMs: 20,
	stopGraceMs: 2_000,
	unreachableMs: 150,
};

export interface Scene {
	server: ReplayServer;
	engine: Engine;
	/** Everything that was logged, as text. */
	logged: string[];
}

/** A step that was run: its output or its error, and what it said meanwhile. */
export interface Outcome {
	output?: StepOutput;
	error?: GlassworksError;
	progress: StepProgress[];
	previews: Picture[];
}

/** Waits until what is read is as expected, however busy the machine. */
export function eventually<T>(read: () => T) {
	return expect.poll(read, { timeout: 20_000 });
}

const scenes: Scene[] = [];
let gate: PictureGate | undefined;

afterAll(async () => {
	for (const { engine, server } of scenes.splice(0)) {
		await engine.close();
		await server.close();
	}
	await gate?.close();
	gate = undefined;
});

/** A replay and an engine that uses it. */
export async function open(options: ReplayOptions, timings: Partial<Timings> = {}, headers: Record<string, string> = {}): Promise<Scene> {
	const server = await startReplayServer(options);
	gate ??= createPictureGate();
	const logged: string[] = [];
	const keep = (data: object, message: string) => void logged.push(`${message} ${describe(data)}`);
	const log: Log = { info: keep, warn: keep, error: keep };
	const engine = createComfyEngine({ url: server.url, headers, log, pictures: gate, timings: { ...testTimings, ...timings } });
	const scene = { server, engine, logged };
	scenes.push(scene);
	return scene;
}

function describe(data: object): string {
	return JSON.stringify(data, (_, value) => (value instanceof Error ? `${value.message} ${JSON.stringify(value)}` : value));
}

/** The graph of a recorded run as a step of the kind `graph`. */
export function graphStep(run: RecordedRun, more: Partial<StepRequest> = {}): StepRequest {
	return { kind: "graph", model: "comfyui", params: { graph: run.graph as never }, inputs: {}, ...more };
}

/** What a test does while a step runs. */
export type Watch = Partial<StepContext>;

/** Runs a step to its end, however it ends. */
export async function runStep({ engine }: Scene, request: StepRequest, watch: Watch = {}): Promise<Outcome> {
	const outcome: Outcome = { progress: [], previews: [] };
	const context: StepContext = {
		signal: watch.signal ?? new AbortController().signal,
		onProgress(progress) {
			outcome.progress.push(progress);
			watch.onProgress?.(progress);
		},
		onPreview(preview) {
			outcome.previews.push(preview);
			watch.onPreview?.(preview);
		},
	};
	try {
		outcome.output = await engine.run(request, context);
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		outcome.error = error;
	}
	return outcome;
}

/** What came of a run in one word: its error's code, or the number of its pictures. */
export function resultOf({ output, error }: Outcome): string {
	return error ? error.code : `${Object.keys(output?.pictures ?? {}).length} pictures`;
}

/** Paths that were asked for with this method, each once. */
export function paths({ server }: Scene, method: string): string[] {
	return [...new Set(server.asked.filter((asked) => asked.method === method).map(({ path }) => path))];
}

/** The bodies of the prompts that were posted. */
export function postedPrompts({ server }: Scene): { prompt_id: string; client_id: string; prompt: RecordedRun["graph"] }[] {
	return server.asked.filter(({ method, path }) => method === "POST" && path === "prompt").map(({ body }) => JSON.parse(String(body)));
}
