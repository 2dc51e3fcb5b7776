import type { EngineSettings } from "./domain/engines/engineSettings.ts";
import type { EngineAddress } from "./domain/engines/engineStore.ts";
import type { Engine, Log, PictureGate } from "./domain/ports.ts";
import { createComfyEngine } from "./engines/comfyui/engine.ts";
import { createDiffusersEngine } from "./engines/diffusers/engine.ts";
import { createIopaintEngine } from "./engines/iopaint/engine.ts";

/** The adapter of an engine server. Opens no connection by itself. */
export function openEngine(
	{ kind, url, headers, settings }: EngineAddress,
	{ log, pictures }: { log: Log; pictures: PictureGate },
): Engine {
	switch (kind) {
		case "comfyui":
			return createComfyEngine({ url, headers, log, pictures, timings: comfyTimings(settings) });
		case "iopaint":
			return createIopaintEngine({ url, headers, log, pictures, controlNets: settings.controlNets });
		case "diffusers":
			return createDiffusersEngine({ url, headers, pictures });
	}
}

function comfyTimings({ silentMs, maxRunMs }: EngineSettings) {
	return { ...(silentMs === null ? {} : { silentMs }), ...(maxRunMs === null ? {} : { maxRunMs }) };
}
