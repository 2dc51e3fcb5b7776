import type { ModelRegistry } from "../../domain/engines/registry.ts";
import { type EditOperation, noTraits, type Traits } from "../../domain/engines/traits.ts";
import type { CapabilityInfo } from "../../domain/ports.ts";
import { findControlNet, findLora, findModel } from "./matches.ts";
import type { Installed, SidecarCapabilities } from "./wire.ts";

/** What the sidecar can run of what our registry names. */
export function listCapabilities(capabilities: SidecarCapabilities, registry: ModelRegistry): CapabilityInfo[] {
	return registry.models.flatMap((model) => {
		const installed = findModel(capabilities, model);
		if (!installed) return [];
		const kinds = model.steps.filter((kind) => installed.jobs.includes(kind));
		const drawing = kinds.map((kind): CapabilityInfo => {
			const traits = traitsOf(installed, capabilities, registry);
			const operations = kind === "inpaint" ? operationsOf(installed) : [];
			return { capability: `${kind}:${model.name}`, digest: installed.sha256, traits: { ...traits, operations } };
		});
		return installed.jobs.includes("train_lora") && model.steps.includes("generate")
			? [...drawing, { capability: `train_lora:${model.name}` as const, digest: installed.sha256, traits: trainingTraits(capabilities) }]
			: drawing;
	});
}

function traitsOf({ family }: Installed, capabilities: SidecarCapabilities, registry: ModelRegistry): Traits {
	const nets = registry.controlNets.filter((net) => net.family === family && findControlNet(capabilities, net));
	const loras = registry.loras.filter((lora) => lora.family === family && findLora(capabilities, lora));
	return {
		...noTraits,
		controlNets: nets.map(({ name }) => name),
		maxControlNets: nets.length > 0 ? null : 0,
		loras: loras.map(({ name }) => name),
		samplers: capabilities.samplers,
		schedulers: capabilities.schedulers,
		imageToImage: true,
		ownLoras: capabilities.takesLoras,
	};
}

function trainingTraits({ limits }: SidecarCapabilities): Traits {
	const training = { maxSteps: limits.maxTrainingSteps, maxPictures: limits.maxTrainingPictures, maxSidePx: limits.maxSidePx };
	return { ...noTraits, training };
}

/** Without a network that was trained for it, a new border shows its seam. None of them can remove: an empty prompt draws just anything. */
function operationsOf({ inpaintNet }: Installed): EditOperation[] {
	return ["fill", "replace", "insert", ...(inpaintNet ? (["outpaint"] as const) : [])];
}
