/** What flows between ComfyUI's nodes. */
export type Socket =
	| "MODEL"
	| "CLIP"
	| "VAE"
	| "CONDITIONING"
	| "LATENT"
	| "IMAGE"
	| "MASK"
	| "CONTROL_NET"
	| "UPSCALE_MODEL"
	| "NOISE"
	| "GUIDER"
	| "SAMPLER"
	| "SIGMAS";
type Widget = "INT" | "FLOAT" | "STRING" | "BOOLEAN" | "COMBO";
type InputType = Socket | Widget;

/** A `?` at the end: the input may be left out. */
interface NodeType {
	inputs: Record<string, InputType | `${InputType}?`>;
	outputs: readonly Socket[];
}

const textEncode = { inputs: { text: "STRING", clip: "CLIP" }, outputs: ["CONDITIONING"] } as const;
const applyControl = { positive: "CONDITIONING", negative: "CONDITIONING", control_net: "CONTROL_NET", image: "IMAGE" } as const;
const controlRange = { strength: "FLOAT", start_percent: "FLOAT", end_percent: "FLOAT" } as const;

/** Every node class that graphs are built of, with the inputs we set. A test compares it with what a real server says. */
export const nodeTypes = {
	CheckpointLoaderSimple: { inputs: { ckpt_name: "COMBO" }, outputs: ["MODEL", "CLIP", "VAE"] },
	UNETLoader: { inputs: { unet_name: "COMBO", weight_dtype: "COMBO" }, outputs: ["MODEL"] },
	DualCLIPLoader: { inputs: { clip_name1: "COMBO", clip_name2: "COMBO", type: "COMBO", device: "COMBO?" }, outputs: ["CLIP"] },
	CLIPLoader: { inputs: { clip_name: "COMBO", type: "COMBO", device: "COMBO?" }, outputs: ["CLIP"] },
	VAELoader: { inputs: { vae_name: "COMBO" }, outputs: ["VAE"] },
	LoraLoader: {
		inputs: { model: "MODEL", clip: "CLIP", lora_name: "COMBO", strength_model: "FLOAT", strength_clip: "FLOAT" },
		outputs: ["MODEL", "CLIP"],
	},
	LoraLoaderModelOnly: { inputs: { model: "MODEL", lora_name: "COMBO", strength_model: "FLOAT" }, outputs: ["MODEL"] },

	CLIPTextEncode: textEncode,
	FluxGuidance: { inputs: { conditioning: "CONDITIONING", guidance: "FLOAT" }, outputs: ["CONDITIONING"] },
	ConditioningZeroOut: { inputs: { conditioning: "CONDITIONING" }, outputs: ["CONDITIONING"] },
	ControlNetLoader: { inputs: { control_net_name: "COMBO" }, outputs: ["CONTROL_NET"] },
	ControlNetApplyAdvanced: { inputs: { ...applyControl, ...controlRange, vae: "VAE?" }, outputs: ["CONDITIONING", "CONDITIONING"] },
	/** These two come with ComfyUI-Advanced-ControlNet. */
	ACN_ControlNetLoaderAdvanced: { inputs: { cnet: "COMBO" }, outputs: ["CONTROL_NET"] },
	ACN_AdvancedControlNetApply_v2: {
		inputs: { ...applyControl, ...controlRange, vae_optional: "VAE?" },
		outputs: ["CONDITIONING", "CONDITIONING"],
	},
	Canny: { inputs: { image: "IMAGE", low_threshold: "FLOAT", high_threshold: "FLOAT" }, outputs: ["IMAGE"] },

	EmptyLatentImage: { inputs: { width: "INT", height: "INT", batch_size: "INT" }, outputs: ["LATENT"] },
	EmptySD3LatentImage: { inputs: { width: "INT", height: "INT", batch_size: "INT" }, outputs: ["LATENT"] },
	LatentUpscale: {
		inputs: { samples: "LATENT", upscale_method: "COMBO", width: "INT", height: "INT", crop: "COMBO" },
		outputs: ["LATENT"],
	},
	VAEEncode: { inputs: { pixels: "IMAGE", vae: "VAE" }, outputs: ["LATENT"] },
	VAEDecode: { inputs: { samples: "LATENT", vae: "VAE" }, outputs: ["IMAGE"] },
	VAEEncodeForInpaint: { inputs: { pixels: "IMAGE", vae: "VAE", mask: "MASK", grow_mask_by: "INT" }, outputs: ["LATENT"] },
	SetLatentNoiseMask: { inputs: { samples: "LATENT", mask: "MASK" }, outputs: ["LATENT"] },
	InpaintModelConditioning: {
		inputs: { positive: "CONDITIONING", negative: "CONDITIONING", vae: "VAE", pixels: "IMAGE", mask: "MASK", noise_mask: "BOOLEAN" },
		outputs: ["CONDITIONING", "CONDITIONING", "LATENT"],
	},

	KSampler: {
		inputs: {
			...{ model: "MODEL", positive: "CONDITIONING", negative: "CONDITIONING", latent_image: "LATENT" },
			...{ seed: "INT", steps: "INT", cfg: "FLOAT", sampler_name: "COMBO", scheduler: "COMBO", denoise: "FLOAT" },
		},
		outputs: ["LATENT"],
	},
	ModelSamplingFlux: {
		inputs: { model: "MODEL", max_shift: "FLOAT", base_shift: "FLOAT", width: "INT", height: "INT" },
		outputs: ["MODEL"],
	},
	RandomNoise: { inputs: { noise_seed: "INT" }, outputs: ["NOISE"] },
	BasicGuider: { inputs: { model: "MODEL", conditioning: "CONDITIONING" }, outputs: ["GUIDER"] },
	KSamplerSelect: { inputs: { sampler_name: "COMBO" }, outputs: ["SAMPLER"] },
	BasicScheduler: { inputs: { model: "MODEL", scheduler: "COMBO", steps: "INT", denoise: "FLOAT" }, outputs: ["SIGMAS"] },
	SamplerCustomAdvanced: {
		inputs: { noise: "NOISE", guider: "GUIDER", sampler: "SAMPLER", sigmas: "SIGMAS", latent_image: "LATENT" },
		outputs: ["LATENT", "LATENT"],
	},

	LoadImage: { inputs: { image: "COMBO" }, outputs: ["IMAGE", "MASK"] },
	LoadImageMask: { inputs: { image: "COMBO", channel: "COMBO" }, outputs: ["MASK"] },
	GrowMask: { inputs: { mask: "MASK", expand: "INT", tapered_corners: "BOOLEAN" }, outputs: ["MASK"] },
	ImageScale: {
		inputs: { image: "IMAGE", upscale_method: "COMBO", width: "INT", height: "INT", crop: "COMBO" },
		outputs: ["IMAGE"],
	},
	ImageCompositeMasked: {
		inputs: { destination: "IMAGE", source: "IMAGE", x: "INT", y: "INT", resize_source: "BOOLEAN", mask: "MASK?" },
		outputs: ["IMAGE"],
	},
	UpscaleModelLoader: { inputs: { model_name: "COMBO" }, outputs: ["UPSCALE_MODEL"] },
	ImageUpscaleWithModel: { inputs: { upscale_model: "UPSCALE_MODEL", image: "IMAGE" }, outputs: ["IMAGE"] },
	SaveImage: { inputs: { images: "IMAGE", filename_prefix: "STRING" }, outputs: [] },
} as const satisfies Record<string, NodeType>;

type NodeTypes = typeof nodeTypes;
export type NodeName = keyof NodeTypes;

/** Output `output` of a node, of one type. Only inputs of that type take it: a wrong link does not compile. */
export interface Link<S extends Socket> {
	readonly node: string;
	readonly output: number;
	readonly socket: S;
}

type Value<T> = T extends Socket ? Link<T> : T extends "INT" | "FLOAT" ? number : T extends "BOOLEAN" ? boolean : string;
type Required<I> = { [N in keyof I as I[N] extends `${string}?` ? never : N]: Value<I[N]> };
type Optional<I> = { [N in keyof I as I[N] extends `${string}?` ? N : never]?: I[N] extends `${infer T}?` ? Value<T> : never };

export type InputsOf<N extends NodeName> = Required<NodeTypes[N]["inputs"]> & Optional<NodeTypes[N]["inputs"]>;
type LinksTo<O extends readonly Socket[]> = { -readonly [At in keyof O]: Link<O[At]> };
export type OutputsOf<N extends NodeName> = LinksTo<NodeTypes[N]["outputs"]>;
