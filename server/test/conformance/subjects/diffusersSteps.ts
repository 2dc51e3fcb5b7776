import type { JsonObject } from "../../../src/domain/json.ts";
import type { StepRequest } from "../../../src/domain/ports.ts";
import { plainPicture } from "../../support/testPictures.ts";
import { drawing, repainting } from "./engineSubject.ts";

function training(model: string, inputs: StepRequest["inputs"]): StepRequest {
	const settings = { steps: 4, rank: 2, learningRate: 0.01, batchSize: 1, sidePx: 64, seed: 7 };
	const captions = ["a grey wall", "a blue wall"];
	return { kind: "train_lora", model, params: { run: `walls-${model}`, captions, samplePrompts: ["a wall"], ...settings }, inputs };
}

/** What the diffusers engine is asked, of the real sidecar and of its recording. Names are those of tinyRegistry. */
export async function diffusersSteps() {
	const [image, white, blue] = await Promise.all(["#7a8ea0", "#ffffff", "#0000ff"].map((colour) => plainPicture(64, 64, colour)));
	if (!image || !white || !blue) throw new Error("no pictures");
	const controls = ["canny", "depth", "pose"].map((name) => ({ net: `sdxl-${name}`, strength: 0.7, start: 0.1, end: 0.9 }));
	const loras: JsonObject[] = [{ name: "sdxl-one" }, { name: "sdxl-two", strength: -0.5 }];
	const first = drawing("sd15", 64);
	const samples: StepRequest[] = [
		first,
		drawing("sdxl", 64),
		drawing("flux", 64),
		{ ...drawing("sd15", 64, { strength: 0.5 }), inputs: { image } },
		{ ...drawing("sdxl", 64, { controls, loras }), inputs: { control_0: image, control_1: white, control_2: blue } },
		...(await Promise.all(["replace", "insert", "fill"].map((operation) => repainting("sd15", 64, { operation })))),
		await repainting("repainter", 64, { operation: "outpaint" }),
		...["sd15", "sdxl", "flux"].map((model) => training(model, { picture_0: image, picture_1: blue })),
	];
	return {
		samples,
		/** The first, as the suite draws it with another seed. */
		seeded: [{ ...first, params: { ...first.params, seed: 8 } }] as StepRequest[],
		long: drawing("sd15", 64, { steps: 150 }),
		/** Ours to pass on, the sidecar's to refuse. */
		refused: drawing("sd15", 64, { sampler: "magic" }),
		/** With the memory that the recorded sidecar had left. */
		tooLarge: drawing("sd15", 896, { steps: 1 }),
	};
}
