import { join } from "node:path";
import { afterAll } from "vitest";
import type { Engine } from "../../src/domain/ports.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { createPictureGate } from "../../src/pictures/gate.ts";

/** The built-in engine with the files that ship, for all tests of a suite. */
export async function openShippedEngine(): Promise<Engine> {
	const pictures = createPictureGate();
	const engine = await createLocalEngine({ modelsDir: join(import.meta.dirname, "../../../models"), pictures });
	afterAll(async () => {
		await engine.close();
		await pictures.close();
	});
	return engine;
}
