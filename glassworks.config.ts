import type { OperatorConfigInput } from "./server/src/domain/plans/operatorConfig.ts";

/** The operator's one file: plans, models, prices, pools. Money is in micro-dollars: 30_000 is $0.03. */
export const glassworks = {
	plans: {
		free: {
			title: "Free",
			weight: 0.05,
			maxSidePx: 512,
			maxSteps: 30,
			models: ["embedded", "sd15"],
			faceRestoration: false,
			upscale: false,
		},
		starter: {
			title: "Starter",
			weight: 1,
			maxSidePx: 768,
			maxSteps: 50,
			models: ["embedded", "sd15", "flux"],
			faceRestoration: true,
			upscale: false,
		},
		pro: { title: "Pro", weight: 3, maxSidePx: 1024, maxSteps: 100, models: "all", faceRestoration: true, upscale: true },
		enterprise: { title: "Enterprise", weight: 12, maxSidePx: null, maxSteps: null, models: "all", faceRestoration: true, upscale: true },
		owner: { title: "Owner", weight: 12, maxSidePx: null, maxSteps: null, models: "all", faceRestoration: true, upscale: true, free: true },
	},
	defaultModel: "embedded",
	models: [
		{
			name: "embedded",
			title: "Built-in",
			notice: "small built-in model for clip-art; connect ComfyUI for photographs",
			content: "drawing",
			steps: ["generate", "inpaint"],
			defaultSteps: 8,
			maxSteps: 50,
			defaultSidePx: 256,
			minSidePx: 64,
			maxSidePx: 512,
			styles: ["flat", "cartoon", "3d", "any"],
			priceMicroUsd: 0,
			predictedMs: 700,
		},
	],
	steps: {
		generate: { priceMicroUsd: 0, predictedMs: 5_000 },
		inpaint: { priceMicroUsd: 80_000, predictedMs: 5_000 },
		detect_faces: { priceMicroUsd: 0, predictedMs: 60 },
		restore_faces: { priceMicroUsd: 20_000, predictedMs: 20_000 },
		upscale: { priceMicroUsd: 150_000, predictedMs: 2_500 },
		encode: { priceMicroUsd: 0, predictedMs: 300 },
	},
	pools: {
		gpu: ["generate", "inpaint"],
		enhance: ["detect_faces", "restore_faces", "upscale", "encode"],
	},
	upscaleModels: { drawing: "realesr-animevideov3", photo: "realesrgan-x4plus" },
} satisfies OperatorConfigInput;
