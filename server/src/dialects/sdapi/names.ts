import type { Door } from "../../contract/door.ts";

/** A1111's names of samplers, and ComfyUI's, which engines here go by. */
export const samplers: Readonly<Record<string, string>> = {
	...{ Euler: "euler", "Euler a": "euler_ancestral", LMS: "lms", Heun: "heun", DPM2: "dpm_2", "DPM2 a": "dpm_2_ancestral", DDIM: "ddim" },
	...{
		"DPM++ 2S a": "dpmpp_2s_ancestral",
		"DPM++ 2M": "dpmpp_2m",
		"DPM++ SDE": "dpmpp_sde",
		"DPM++ 2M SDE": "dpmpp_2m_sde",
		UniPC: "uni_pc",
	},
};
export const schedulers = ["normal", "karras", "exponential", "simple"] as const;

export function modelEntry({ name }: { name: string }) {
	return { title: name, model_name: name, hash: null, sha256: null, filename: name, config: null };
}

/** What a checkpoint's title stands for; a title may end with a hash in brackets. */
export function modelOf(door: Door, title: unknown): string | null {
	if (typeof title !== "string") return null;
	const name = title.replace(/ \[[0-9a-f]+\]$/, "").replace(/\.(safetensors|ckpt)$/, "");
	return name === "" ? null : (door.operator.dialects.models[name] ?? name);
}
