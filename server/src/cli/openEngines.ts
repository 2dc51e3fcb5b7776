import type { Config } from "../config.ts";
import { usualSettings } from "../domain/engines/engineSettings.ts";
import type { Engine, Log } from "../domain/ports.ts";

export interface OpenEngines {
	engines: Engine[];
	close(): Promise<void>;
}

/** What a worker drives besides the built-in networks. */
export interface WorkerEngines {
	/** Addresses of engine servers, without a slash at the end. */
	urls: readonly string[];
	/** Sent with every request to them. */
	headers: Record<string, string>;
	/** Whether the built-in networks run too; behind the engines where both can do a step. */
	builtIn: boolean;
}

const onlyBuiltIn: WorkerEngines = { urls: [], headers: {}, builtIn: true };

/**
 * The engines of this machine, without a store: for a worker that only knows its server, and for the doctor.
 * @throws {GlassworksError} engine_down, engine_invalid
 */
export async function openEngines(config: Config, log: Log, { urls, headers, builtIn }: WorkerEngines = onlyBuiltIn): Promise<OpenEngines> {
	const { modelsDir, dataModelsDir } = config;
	const [{ createPictureGate }, { createLocalEngine }, { openEngine }, { recognise }] = await Promise.all([
		import("../pictures/gate.ts"),
		import("../engines/local/engine.ts"),
		import("../openEngine.ts"),
		import("../engineDesk.ts"),
	]);
	const pictures = createPictureGate({ log });
	const engines: Engine[] = [];
	const close = async () => {
		for (const engine of engines) await engine.close();
		await pictures.close();
	};
	try {
		for (const url of urls)
			engines.push(openEngine({ kind: await recognise(url, headers), url, headers, settings: usualSettings }, { log, pictures }));
		if (builtIn) engines.push(await createLocalEngine({ modelsDir, dataModelsDir, pictures, log }));
		return { engines, close };
	} catch (error) {
		await close();
		throw error;
	}
}
