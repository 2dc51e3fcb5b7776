import { glassworks as shipped } from "../support/unhurried.config.ts";

/** What an operator adds without a line of code: a model, another world's name for it, and a plan with it. */
export const glassworks = {
	...shipped,
	plans: { ...shipped.plans, studio: { ...shipped.plans.pro, title: "Studio", models: ["crayon"] } },
	models: [
		...shipped.models,
		{
			...{ name: "crayon", title: "Crayon", notice: "draws as children do", content: "drawing", steps: ["generate", "inpaint"] },
			...{ defaultSteps: 10, maxSteps: 20, defaultSidePx: 256, minSidePx: 64, maxSidePx: 512, priceMicroUsd: 10_000, predictedMs: 500 },
			loadMs: 500,
		},
	],
	dialects: { models: { ...shipped.dialects.models, "crayons/classic": "crayon", "gpt-image-9": "crayon" } },
};
