/** Draws small and enlarges: with steps, inputs and everything as an author sends it. */
export const poster = {
	slug: "poster",
	title: "Poster",
	inputs: [
		{ name: "subject", type: "text", title: "Subject" },
		{ name: "seed", type: "seed" },
		{ name: "detail", type: "integer", default: 2, min: 1, max: 20 },
		{ name: "large", type: "boolean", default: false },
		{ name: "format", type: "choice", options: ["png", "webp"], default: "png" },
	],
	steps: [
		{
			id: "finish",
			kind: "encode",
			model: { value: "standard" },
			inputs: {
				image: {
					first_of: [
						{ step: "enlarge", output: "image" },
						{ step: "draw", output: "image" },
					],
				},
			},
			params: { format: { input: "format" }, recipe: { input: "embedded_recipe" } },
		},
		{
			id: "draw",
			kind: "generate",
			model: { value: "embedded" },
			params: { prompt: { input: "subject" }, steps: { input: "detail" }, width: { value: 128 }, height: { value: 64 } },
		},
		{
			id: "enlarge",
			kind: "upscale",
			optional: true,
			wanted_by: "large",
			model: { value: "realesr-animevideov3" },
			inputs: { image: { step: "draw", output: "image" } },
		},
	],
	result: { step: "finish", output: "image" },
	original: { step: "draw", output: "image" },
};
