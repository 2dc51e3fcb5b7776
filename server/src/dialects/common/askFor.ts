import type { Asked, GenerationBody } from "../../contract/door.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Target } from "./resolveName.ts";

type Values = Omit<GenerationBody, "workflow" | "prompt"> & { prompt?: string | undefined };

/** Fields that a request has besides the inputs of a workflow. */
const besides = ["count", "run_after", "metadata", "embed_recipe", "webhook_url", "webhook_events"] as const;

/** A generation with the model, or a run of the workflow with those of the values that it takes. `own`: inputs by the workflow's own names. */
export function askFor(target: Target, values: Values, own: JsonObject = {}): Asked {
	const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
	if (target.kind === "model") return { kind: "generation", body: { ...given, model: target.model } as GenerationBody };
	const { slug, inputs } = target.workflow;
	const taken = new Set(inputs.map((input) => input.name));
	const isBesides = (name: string) => (besides as readonly string[]).includes(name) && !taken.has(name);
	const run = Object.fromEntries(Object.entries(given).filter(([name]) => isBesides(name)));
	const known = Object.fromEntries(Object.entries(given).filter(([name]) => taken.has(name)));
	return { kind: "run", workflow: slug, body: { ...run, inputs: { ...known, ...own } } };
}
