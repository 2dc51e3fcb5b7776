import type { ControlNet, ModelRegistry, Recipe } from "../../domain/engines/registry.ts";
import { type EditOperation, noTraits, type Traits } from "../../domain/engines/traits.ts";
import type { CapabilityInfo } from "../../domain/ports.ts";
import { isEraseModel, isPromptModel, type ModelInfo, type ServerConfig } from "./serverConfig.ts";

/** A model that is installed there, by our name. */
export interface Offer {
	name: string;
	info: ModelInfo;
	/** Null: an erase model, which needs none. */
	recipe: Recipe | null;
	operations: EditOperation[];
	powerPaint: boolean;
	controlNets: { net: ControlNet; method: string }[];
}

/** What the server is used for beyond what it says itself. */
export interface Use {
	/** The operator gave it to ControlNets, and so took PowerPaint from it. */
	controlNets: boolean;
	/** It answered that PowerPaint's files are missing. */
	powerPaintMissing: boolean;
}

/** Plugins that restore faces, by the name that our steps have for what they run. */
const facePlugins = { gfpgan: "GFPGAN", restoreformer: "RestoreFormer" };
export const upscalePlugin = "RealESRGAN";

export function listOffers(config: ServerConfig, registry: ModelRegistry, use: Use): Offer[] {
	const erasers = config.modelInfos.filter(isEraseModel).map(eraseOffer);
	const drawers = registry.models.flatMap((model) => {
		if (!model.steps.includes("inpaint") || model.recipe.iopaint === null) return [];
		const info = config.modelInfos.find((each) => each.name === model.recipe.iopaint && isPromptModel(each));
		return info ? [promptOffer(model.name, info, model.recipe, config, registry, use)] : [];
	});
	return [...erasers, ...drawers];
}

function eraseOffer(info: ModelInfo): Offer {
	const name = `iopaint-${info.name.toLowerCase()}`;
	return { name, info, recipe: null, operations: ["remove", "fill"], powerPaint: false, controlNets: [] };
}

function promptOffer(name: string, info: ModelInfo, recipe: Recipe, config: ServerConfig, registry: ModelRegistry, use: Use): Offer {
	// A server on which a ControlNet was switched on ignores PowerPaint without a word, until it is started again.
	const powerPaint = info.support_powerpaint_v2 && !config.enableControlnet && !use.controlNets && !use.powerPaintMissing;
	const controlNets = use.controlNets && info.support_controlnet ? listControlNets(info, recipe, registry) : [];
	const outpaint: EditOperation[] = info.support_outpainting ? ["outpaint"] : [];
	// Without PowerPaint an empty prompt draws just anything: no way to remove.
	const operations: EditOperation[] = [...(powerPaint ? (["remove"] as const) : []), "fill", "replace", "insert", ...outpaint];
	return { name, info, recipe, operations, powerPaint, controlNets };
}

/** Our nets of the model's family whose kind of map is in IOPaint's fixed list; there the first of a kind is taken. */
function listControlNets(info: ModelInfo, recipe: Recipe, registry: ModelRegistry): Offer["controlNets"] {
	return registry.controlNets.flatMap((net) => {
		const { preprocessor } = net;
		if (net.family !== recipe.family || preprocessor === null) return [];
		const method = info.controlnets.find((each) => each.includes(preprocessor));
		return method ? [{ net, method }] : [];
	});
}

/** Our name of the network that the RealESRGAN plugin holds; null: the plugin is off, or our registry does not have it. */
export function upscalerOf(config: ServerConfig, registry: ModelRegistry): string | null {
	if (!hasPlugin(config, upscalePlugin)) return null;
	const stem = (file: string) => file.replace(/\.[^.]+$/, "");
	return registry.upscalers.find(({ files }) => files.some((file) => stem(file) === config.realesrganModel))?.name ?? null;
}

/**
 * The plugin that restores faces with this network of ours; null: it is off. Beside the RealESRGAN plugin it draws the whole picture anew
 * and not the faces alone, so it then counts as off too.
 */
export function facePluginOf(config: ServerConfig, model: string): string | null {
	if (hasPlugin(config, upscalePlugin)) return null;
	const plugin = Object.entries(facePlugins).find(([name]) => name === model)?.[1];
	return plugin !== undefined && hasPlugin(config, plugin) ? plugin : null;
}

function hasPlugin(config: ServerConfig, name: string): boolean {
	return config.plugins.some((plugin) => plugin.name === name && plugin.support_gen_image);
}

export function capabilitiesOf(config: ServerConfig, registry: ModelRegistry, use: Use): CapabilityInfo[] {
	const infos: CapabilityInfo[] = listOffers(config, registry, use).map((offer) => ({
		capability: `inpaint:${offer.name}`,
		digest: null,
		traits: traitsOf(offer),
	}));
	const upscaler = upscalerOf(config, registry);
	if (upscaler !== null) infos.push({ capability: `upscale:${upscaler}`, digest: null });
	for (const name of Object.keys(facePlugins)) {
		if (facePluginOf(config, name) !== null) infos.push({ capability: `restore_faces:${name}`, digest: null });
	}
	return infos;
}

function traitsOf({ operations, powerPaint, controlNets }: Offer): Traits {
	return {
		...noTraits,
		operations,
		shapeGuided: powerPaint,
		controlNets: controlNets.map(({ net }) => net.name),
		maxControlNets: controlNets.length > 0 ? 1 : 0,
		preprocessors: [...new Set(controlNets.flatMap(({ net }) => net.preprocessor ?? []))],
	};
}
