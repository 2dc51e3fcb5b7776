import type { EngineRecord } from "./domain/engines/engineStore.ts";
import type { Engine, Log, PictureGate } from "./domain/ports.ts";
import { createComfyEngine } from "./engines/comfyui/engine.ts";
import { createDiffusersEngine } from "./engines/diffusers/engine.ts";
import { createIopaintEngine } from "./engines/iopaint/engine.ts";

/** The adapter of an engine server. Opens no connection by itself. */
export function openEngine(
	{ kind, url, headers }: Pick<EngineRecord, "kind" | "url" | "headers">,
	{ log, pictures }: { log: Log; pictures: PictureGate },
): Engine {
	switch (kind) {
		case "comfyui":
			return createComfyEngine({ url, headers, log, pictures });
		case "iopaint":
			return createIopaintEngine({ url, headers, log, pictures });
		case "diffusers":
			return createDiffusersEngine({ url, headers, log, pictures });
	}
}
