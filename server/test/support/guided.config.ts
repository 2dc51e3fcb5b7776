import { glassworks as unhurried } from "./unhurried.config.ts";

/** With two LoRAs of Stable Diffusion XL. */
export const glassworks = {
	...unhurried,
	loras: [
		{ name: "etching", title: "Etching", family: "sdxl", files: ["etching.safetensors"] },
		{ name: "fog", title: "Fog", family: "sdxl", files: ["fog.safetensors"] },
	],
};
