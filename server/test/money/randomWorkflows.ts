import fc from "fast-check";
import type { StepKind } from "../../src/domain/ports.ts";
import { type Reference, type Workflow, workflow } from "../../src/domain/workflows/workflow.ts";

const kinds = ["detect_faces", "restore_faces", "upscale", "encode", "generate"] as const;

interface Shape {
	kind: StepKind;
	optional: boolean;
	/** How far back the step is whose picture it takes. */
	back: number;
	/** Runs only when an earlier step found faces. */
	needsFaces: boolean;
}

const shape: fc.Arbitrary<Shape> = fc.record({
	kind: fc.constantFrom(...kinds),
	optional: fc.boolean(),
	back: fc.integer({ min: 1, max: 3 }),
	needsFaces: fc.boolean(),
});

/** Chains and forks of up to five steps after a drawing, priced and unpriced, required and optional. */
export function randomWorkflows(howMany: number): Workflow[] {
	return fc.sample(fc.array(shape, { minLength: 0, maxLength: 4 }), { numRuns: howMany, seed: 4 }).map(build);
}

function build(shapes: readonly Shape[], place: number): Workflow {
	const drawn: Reference = { step: "step_0", output: "image" };
	const steps = shapes.map(({ kind, optional, back, needsFaces }, index) => {
		const earlier: Reference = { step: `step_${Math.max(0, index + 1 - back)}`, output: "image" };
		return {
			id: `step_${index + 1}`,
			title: kind,
			kind,
			model: kind === "generate" ? { input: "model" } : { value: `model-of-${kind}` },
			optional,
			...(needsFaces && optional ? { onlyIf: { positive: { step: "step_0", output: "faceCount" }, otherwise: "no_faces" } } : {}),
			inputs: { image: { firstOf: [earlier, drawn] } },
		};
	});
	return workflow.parse({
		takes: "generation",
		slug: `random-${place}`,
		version: 1,
		title: "Random",
		description: "Made by a test.",
		steps: [{ id: "step_0", title: "Draw", kind: "generate", model: { input: "model" } }, ...steps],
		result: drawn,
		original: drawn,
	});
}
