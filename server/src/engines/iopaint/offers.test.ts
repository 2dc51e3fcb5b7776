import { expect, it } from "vitest";
import { emptyRegistry, type ModelRegistry } from "../../domain/engines/registry.ts";
import { capabilitiesOf, facePluginOf, upscalerOf } from "./offers.ts";
import { type ServerConfig, serverConfig } from "./serverConfig.ts";

const withPlugins = (...names: string[]): ServerConfig =>
	serverConfig.parse({
		modelInfos: [],
		realesrganModel: "RealESRGAN_x4plus",
		plugins: names.map((name) => ({ name, support_gen_image: true })),
	});
const registry: ModelRegistry = { ...emptyRegistry, upscalers: [{ name: "realesrgan-x4plus", files: ["RealESRGAN_x4plus.pth"] }] };
const use = { controlNets: false, powerPaintMissing: false };
const names = (config: ServerConfig) => capabilitiesOf(config, registry, use).map(({ capability }) => capability);

it("offers the enlarging net that the plugin holds, and only while the plugin is on", () => {
	expect(names(withPlugins("RealESRGAN"))).toEqual(["upscale:realesrgan-x4plus"]);
	expect(upscalerOf(withPlugins(), registry)).toBeNull();
	expect(upscalerOf({ ...withPlugins("RealESRGAN"), realesrganModel: "RealESRGAN_x4plus_anime_6B" }, registry)).toBeNull();
});

it("offers the face plugins that are on", () => {
	expect(names(withPlugins("GFPGAN"))).toEqual(["restore_faces:gfpgan"]);
	expect(names(withPlugins("GFPGAN", "RestoreFormer"))).toEqual(["restore_faces:gfpgan", "restore_faces:restoreformer"]);
	expect(facePluginOf(withPlugins("GFPGAN"), "constructor")).toBeNull();
});

it("offers no face restoration beside RealESRGAN, which would draw the background anew as well", () => {
	expect(names(withPlugins("RealESRGAN", "GFPGAN"))).toEqual(["upscale:realesrgan-x4plus"]);
});
