import type { NetworkName } from "./convertCheckpoint.ts";

/** Models that are not shipped and can be fetched: what they are, where they come from and under which terms. */
export interface DownloadableModel {
	name: string;
	file: string;
	/** Null where no reliable figure is public. */
	bytes: number | null;
	digest: { algorithm: "sha256" | "md5"; hex: string } | null;
	/** False where the digest rests on one source or sources disagree: fetching it needs the operator's explicit consent. */
	isVerified: boolean;
	url: string;
	licence: string;
	/** What the operator must accept, by the licence's id, before it is fetched. Null for free software. */
	terms: { id: string; notice: string; url: string } | null;
	/** The network that its weights become, without Python; null: it is kept as it was fetched. */
	convertsTo: NetworkName | null;
	/** Whether this version does anything with it once it is there; `note` says what, or why not. */
	isUsable: boolean;
	note: string;
}

const unused = "Nothing in this version reads it; it can be fetched for use in other programs (ComfyUI, IOPaint).";

const entry = (
	model: Pick<DownloadableModel, "name" | "file" | "bytes" | "digest" | "url" | "licence"> & Partial<DownloadableModel>,
): DownloadableModel => ({
	isVerified: true,
	terms: null,
	convertsTo: null,
	isUsable: false,
	note: unused,
	...model,
});
const sha256 = (hex: string) => ({ algorithm: "sha256" as const, hex });
const md5 = (hex: string) => ({ algorithm: "md5" as const, hex });

export const downloadableModels: readonly DownloadableModel[] = [
	entry({
		name: "gfpgan",
		file: "GFPGANv1.4.pth",
		bytes: 348_632_874,
		digest: sha256("e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad"),
		url: "https://github.com/TencentARC/GFPGAN/releases/download/v1.3.0/GFPGANv1.4.pth",
		licence: "Apache-2.0",
		convertsTo: "gfpgan",
		isUsable: true,
		note: "Restores faces on this machine (step `restore_faces`).",
	}),
	entry({
		name: "codeformer",
		file: "codeformer.pth",
		bytes: 376_637_898,
		digest: sha256("1009e537e0c2a07d4cabce6355f53cb66767cd4b4297ec7a4a64ca4b8a5684b7"),
		url: "https://github.com/sczhou/CodeFormer/releases/download/v0.1.0/codeformer.pth",
		licence: "S-Lab License 1.0 (non-commercial)",
		terms: {
			id: "s-lab",
			notice:
				"CodeFormer is under the S-Lab License 1.0: for non-commercial purposes only. Any other use needs the permission of its authors.",
			url: "https://github.com/sczhou/CodeFormer/blob/master/LICENSE",
		},
		convertsTo: "codeformer",
		isUsable: true,
		note: "Restores faces on this machine (step `restore_faces`), for non-commercial use; needs `--accept-licence s-lab`.",
	}),
	entry({
		name: "restoreformer",
		file: "RestoreFormer.pth",
		bytes: null,
		digest: md5("eaeeff6c4a1caa1673977cb374e6f699"),
		url: "https://github.com/TencentARC/GFPGAN/releases/download/v1.3.4/RestoreFormer.pth",
		licence: "Apache-2.0",
	}),
	entry({
		name: "retinaface-resnet50",
		file: "detection_Resnet50_Final.pth",
		bytes: 109_497_761,
		digest: sha256("6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d"),
		url: "https://github.com/xinntao/facexlib/releases/download/v0.1.0/detection_Resnet50_Final.pth",
		licence: "MIT",
	}),
	entry({
		name: "yunet",
		file: "face_detection_yunet_2023mar.onnx",
		bytes: null,
		digest: sha256("8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"),
		url: "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
		licence: "MIT",
		note: `Faces are found by the shipped BlazeFace. ${unused}`,
	}),
	entry({
		name: "realesrgan-x4plus-torch",
		file: "RealESRGAN_x4plus.pth",
		bytes: 67_040_989,
		digest: sha256("4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1"),
		url: "https://github.com/xinntao/Real-ESRGAN/releases/download/v0.1.0/RealESRGAN_x4plus.pth",
		licence: "BSD-3-Clause",
		note: `The same network ships in models/upscale as ONNX. ${unused}`,
	}),
	entry({
		name: "realesrgan-x4plus-anime-torch",
		file: "RealESRGAN_x4plus_anime_6B.pth",
		bytes: null,
		digest: sha256("f872d837d3c90ed2e05227bed711af5671a6fd1c9f7d7e91c911a61f155e99da"),
		url: "https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.2.4/RealESRGAN_x4plus_anime_6B.pth",
		licence: "BSD-3-Clause",
	}),
	entry({
		name: "realesr-general-x4v3",
		file: "realesr-general-x4v3.pth",
		bytes: null,
		digest: sha256("8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292"),
		isVerified: false,
		url: "https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.5.0/realesr-general-x4v3.pth",
		licence: "BSD-3-Clause",
	}),
	entry({
		name: "lama-onnx",
		file: "lama_fp32.onnx",
		bytes: 208_044_816,
		digest: sha256("1faef5301d78db7dda502fe59966957ec4b79dd64e16f03ed96913c7a4eb68d6"),
		isVerified: false,
		url: "https://huggingface.co/Carve/LaMa-ONNX/resolve/main/lama_fp32.onnx",
		licence: "Apache-2.0 (as its page states; not checked)",
	}),
	entry({
		name: "big-lama",
		file: "big-lama.pt",
		bytes: null,
		digest: md5("e3aa4aaa15225a33ec84f9f4bc47e500"),
		isVerified: false,
		url: "https://github.com/Sanster/models/releases/download/add_big_lama/big-lama.pt",
		licence: "Apache-2.0 (as its page states; not checked)",
	}),
];
