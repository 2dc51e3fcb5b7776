import { rm } from "node:fs/promises";
import { createDiffusersEngine } from "../../../src/engines/diffusers/engine.ts";
import { createPictureGate } from "../../../src/pictures/gate.ts";
import { readRecording } from "../../engines/diffusers/replay/sidecarRecording.ts";
import { startRecordedSidecar } from "../../engines/diffusers/replay/startRecordedSidecar.ts";
import { tinyRegistry } from "../../engines/diffusers/tinyRegistry.ts";
import { buildTinyModels, hasSidecar, startSidecar } from "../../support/diffusersSidecar.ts";
import { diffusersSteps } from "./diffusersSteps.ts";
import { drawing, type EngineKind, type EngineSubject, type Failing } from "./engineSubject.ts";

/** Recorded traffic of the real sidecar with tiny random networks. */
export const diffusersRecorded: EngineKind = {
	name: "diffusers, recorded",
	present: true,
	async open() {
		const server = await startRecordedSidecar(readRecording());
		const { tooLarge } = await diffusersSteps();
		const more: Failing[] = [
			{ code: "out_of_memory", request: tooLarge },
			{ code: "engine_down", request: drawing("sd15", 64), meanwhile: () => server.restart() },
		];
		return openSubject(server.url, {}, more, () => server.close());
	},
};

export const diffusersReal: EngineKind = {
	name: "diffusers, on the real sidecar",
	present: hasSidecar,
	async open() {
		const models = await buildTinyModels();
		const sidecar = await startSidecar(models);
		return openSubject(sidecar.url, sidecar.headers, [], async () => {
			await sidecar.close();
			await rm(models, { recursive: true, force: true });
		});
	},
};

async function openSubject(
	url: string,
	headers: Record<string, string>,
	more: Failing[],
	closeServer: () => Promise<void>,
): Promise<EngineSubject> {
	const pictures = createPictureGate();
	const at = (address: string) => {
		const engine = createDiffusersEngine({ url: address, headers, pictures, timings: { retryMs: 5, retries: 2 } });
		engine.learn?.(tinyRegistry);
		return engine;
	};
	const [engine, unreachable] = [at(url), at("http://127.0.0.1:1")];
	const { samples, long, refused } = await diffusersSteps();
	return {
		engine,
		samples,
		lacking: drawing("nobody-has-this", 64),
		wrong: { request: drawing("sd15", 64, { steps: 0 }), field: "steps" },
		long: { request: long },
		failing: [{ code: "engine_invalid", request: refused }, ...more],
		unreachable,
		draws: true,
		async close() {
			for (const each of [engine, unreachable]) await each.close();
			await closeServer();
			await pictures.close();
		},
	};
}
