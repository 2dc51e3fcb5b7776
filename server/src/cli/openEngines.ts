import type { Config } from "../config.ts";
import type { Engine, Log } from "../domain/ports.ts";

export interface OpenEngines {
	engines: Engine[];
	close(): Promise<void>;
}

/** The engines of this machine, without a store: for a worker that only knows its server, and for the doctor. */
export async function openEngines({ modelsDir, dataModelsDir }: Config, log: Log): Promise<OpenEngines> {
	const [{ createPictureGate }, { createLocalEngine }] = await Promise.all([
		import("../pictures/gate.ts"),
		import("../engines/local/engine.ts"),
	]);
	const pictures = createPictureGate({ log });
	const local = await createLocalEngine({ modelsDir, dataModelsDir, pictures, log });
	return {
		engines: [local],
		async close() {
			await local.close();
			await pictures.close();
		},
	};
}
