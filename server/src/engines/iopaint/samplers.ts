import type { Recipe } from "../../domain/engines/registry.ts";
import { GlassworksError } from "../../domain/errors.ts";

/** ComfyUI's sampler and scheduler as IOPaint names the pair. */
const names: Record<string, string> = {
	"dpmpp_2m normal": "DPM++ 2M",
	"dpmpp_2m karras": "DPM++ 2M Karras",
	"dpmpp_2m_sde normal": "DPM++ 2M SDE",
	"dpmpp_2m_sde karras": "DPM++ 2M SDE Karras",
	"dpmpp_sde normal": "DPM++ SDE",
	"dpmpp_sde karras": "DPM++ SDE Karras",
	"dpm_2 normal": "DPM2",
	"dpm_2 karras": "DPM2 Karras",
	"dpm_2_ancestral normal": "DPM2 a",
	"dpm_2_ancestral karras": "DPM2 a Karras",
	"euler normal": "Euler",
	"euler_ancestral normal": "Euler a",
	"heun normal": "Heun",
	"lms normal": "LMS",
	"lms karras": "LMS Karras",
	"ddim normal": "DDIM",
	"uni_pc normal": "UniPC",
	"lcm normal": "LCM",
};
/** IOPaint's own. */
const fallback = "UniPC";

/**
 * IOPaint's name of a sampler. What the request names must be there; what only the model's recipe names may be replaced by IOPaint's own.
 * @throws {GlassworksError} engine_invalid
 */
export function samplerName(asked: { sampler: string | null; scheduler: string | null }, recipe: Recipe, offered: string[]): string {
	const pair = `${asked.sampler ?? recipe.sampler} ${asked.scheduler ?? recipe.scheduler}`;
	const name = names[pair];
	if (name !== undefined && offered.includes(name)) return name;
	if (asked.sampler === null && asked.scheduler === null) return fallback;
	throw new GlassworksError("engine_invalid", `IOPaint has no sampler "${pair}".`, { sampler: pair });
}
