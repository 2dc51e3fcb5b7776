import type { EngineRecord } from "./domain/engines/engineStore.ts";
import { GlassworksError } from "./domain/errors.ts";
import type { Engine, Log, PictureGate } from "./domain/ports.ts";

export interface OpenEngineOptions {
	log: Log;
	pictures: PictureGate;
}

/** The adapter of an engine server. Opens no connection by itself. */
export function openEngine({ kind }: Pick<EngineRecord, "kind" | "url" | "headers">, _options: OpenEngineOptions): Engine {
	throw new GlassworksError("engine_invalid", `This version cannot drive ${kind} yet.`);
}
