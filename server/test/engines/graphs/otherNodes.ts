import type { JsonObject } from "../../../src/domain/json.ts";

const range = {
	strength: ["FLOAT", { min: 0, max: 10 }],
	start_percent: ["FLOAT", { min: 0, max: 1 }],
	end_percent: ["FLOAT", { min: 0, max: 1 }],
};
const apply = {
	positive: ["CONDITIONING", {}],
	negative: ["CONDITIONING", {}],
	control_net: ["CONTROL_NET", {}],
	image: ["IMAGE", {}],
	...range,
};

/** ComfyUI-Advanced-ControlNet's nodes as its source declares them, with the optional inputs that matter here. */
export const advancedControlNet: JsonObject = {
	ACN_ControlNetLoaderAdvanced: {
		input: {
			required: { cnet: ["COMBO", { options: ["sdxl/controlnet-canny-sdxl-1.0.safetensors"] }] },
			optional: { _tk_opt: ["TIMESTEP_KEYFRAME", {}] },
		},
		output: ["CONTROL_NET"],
	},
	ACN_AdvancedControlNetApply_v2: {
		input: { required: apply, optional: { mask_optional: ["MASK", {}], vae_optional: ["VAE", {}] } },
		output: ["CONDITIONING", "CONDITIONING"],
	},
};

const resolution = ["INT", { default: 512, min: 64, max: 16_384, step: 64 }];

/** Some of comfyui_controlnet_aux's nodes as its source declares them: everything but the picture is optional. */
export const controlNetAux: JsonObject = {
	CannyEdgePreprocessor: {
		input: {
			required: { image: ["IMAGE"] },
			optional: { low_threshold: ["INT", { default: 100 }], high_threshold: ["INT", { default: 200 }], resolution },
		},
		output: ["IMAGE"],
	},
	DepthAnythingV2Preprocessor: {
		input: {
			required: { image: ["IMAGE"] },
			optional: {
				ckpt_name: [["depth_anything_v2_vitg.pth", "depth_anything_v2_vitl.pth"], { default: "depth_anything_v2_vitl.pth" }],
				resolution,
			},
		},
		output: ["IMAGE"],
	},
	DWPreprocessor: {
		input: { required: { image: ["IMAGE"] }, optional: { detect_hand: [["enable", "disable"], {}], resolution } },
		output: ["IMAGE", "POSE_KEYPOINT"],
	},
};
