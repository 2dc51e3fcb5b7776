import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asNumber, asObject, asText } from "../../domain/json.ts";
import type { EngineStatus } from "../../domain/ports.ts";
import type { ComfyHttp } from "./http.ts";

/** How the server says it is. @throws {GlassworksError} `engine_down` */
export async function readStatus(http: ComfyHttp): Promise<Omit<EngineStatus, "loadedModel" | "missing">> {
	const [stats, prompt] = await Promise.all([http.get("system_stats"), http.get("prompt")]);
	const { system, devices } = asObject(stats.json);
	if (stats.status !== 200 || system === undefined)
		throw new GlassworksError("engine_down", "The engine does not say how it is.", { status: stats.status });
	const device = asObject(asArray(devices)[0]);
	return {
		version: asText(asObject(system).comfyui_version),
		device: asText(device.name),
		vramTotalBytes: asNumber(device.vram_total),
		vramFreeBytes: asNumber(device.vram_free),
		queued: asNumber(asObject(asObject(prompt.json).exec_info).queue_remaining),
	};
}
