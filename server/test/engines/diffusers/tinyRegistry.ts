import { type ModelRegistry, modelRegistry } from "../../../src/domain/engines/registry.ts";

const families = ["sd15", "sdxl", "flux"] as const;
const controls = ["canny", "depth", "pose"];

/** Our names for the tiny networks that the sidecar's tests build, and for some that nobody has. */
export const tinyRegistry: ModelRegistry = modelRegistry.parse({
	models: [
		...families.map((family) => model(family, `somebody/tiny-${family}`, { family })),
		model("repainter", "tiny-sd15-inpaint", { family: "sd15", inpaintNet: true }),
		model("absent", "somebody/absent", { family: "sd15" }),
		model("wrong-family", "tiny-sdxl", { family: "sd15" }),
		{ name: "comfy-only", steps: ["generate"], recipe: { family: "sd15", checkpoint: ["x.safetensors"], guidance: 7 } },
	],
	controlNets: [
		...families.flatMap((family) => controls.map((name) => controlNet(`${family}-${name}`, family, `tiny-${family}-${name}.pth`))),
		controlNet("sd15-absent", "sd15", "absent.pth"),
	],
	loras: [
		...families.flatMap((family) => ["one", "two"].map((name) => lora(`${family}-${name}`, family, `tiny-${family}-${name}.safetensors`))),
		lora("absent-lora", "sd15", "absent.safetensors"),
	],
	upscalers: [],
});

function model(name: string, diffusers: string, recipe: object) {
	return { name, steps: ["generate", "inpaint"], recipe: { diffusers, guidance: 5, ...recipe } };
}

function controlNet(name: string, family: string, file: string) {
	return { name, title: name, family, files: [file], preprocessor: null };
}

function lora(name: string, family: string, file: string) {
	return { name, title: name, family, files: ["another.safetensors", file] };
}
