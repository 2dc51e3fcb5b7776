import type { ModelRegistry } from "../../domain/engines/registry.ts";
import type { Installed, SidecarCapabilities } from "./wire.ts";

type RegisteredModel = ModelRegistry["models"][number];

/** Without the owner and the ending of a file: what a folder or a LoRA is called wherever it lies. */
function stemOf(name: string): string {
	return (name.split("/").at(-1) ?? "").replace(/\.(safetensors|pth|pt|bin|ckpt)$/, "");
}

function findInstalled(installed: readonly Installed[], names: readonly string[]): Installed | null {
	const exact = installed.find(({ name }) => names.includes(name));
	return exact ?? installed.find(({ name }) => names.some((each) => stemOf(each) === stemOf(name))) ?? null;
}

/** The sidecar's model for one of ours; null: it does not have it. */
export function findModel({ models }: SidecarCapabilities, { recipe }: RegisteredModel): Installed | null {
	if (recipe.diffusers === null) return null;
	const ofFamily = models.filter(({ kind, family }) => kind === "model" && family === recipe.family);
	return findInstalled(ofFamily, [recipe.diffusers]);
}

/** ComfyUI has a file where diffusers has a folder of the same name. */
export function findControlNet({ models }: SidecarCapabilities, net: ModelRegistry["controlNets"][number]): Installed | null {
	const ofFamily = models.filter(({ kind, family }) => kind === "controlnet" && family === net.family);
	return findInstalled(ofFamily, net.files);
}

export function findLora({ models }: SidecarCapabilities, lora: ModelRegistry["loras"][number]): Installed | null {
	const ofFamily = models.filter(({ kind, family }) => kind === "lora" && family === lora.family);
	return findInstalled(ofFamily, lora.files);
}

/** What our names mean here and is not installed. */
export function listMissing(capabilities: SidecarCapabilities, registry: ModelRegistry): { name: string; files: string[] }[] {
	const models = registry.models.flatMap((model) =>
		model.recipe.diffusers !== null && !findModel(capabilities, model) ? [{ name: model.name, files: [model.recipe.diffusers] }] : [],
	);
	const nets = registry.controlNets.filter((net) => !findControlNet(capabilities, net));
	const loras = registry.loras.filter((lora) => !findLora(capabilities, lora));
	return [...models, ...[...nets, ...loras].map(({ name, files }) => ({ name, files }))];
}
