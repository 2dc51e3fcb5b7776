import { z } from "zod";
import type { GraphBinding } from "../../engines/apiGraph.ts";

/** What a run of somebody's graph may be given. `seed`: an integer that is drawn when none is given. `picture`: an uploaded or fetched one. */
export const exposedTypes = ["text", "integer", "number", "boolean", "choice", "picture", "seed"] as const;
export type ExposedType = (typeof exposedTypes)[number];

const fields = z.strictObject({
	/** The field's name in a run's values. */
	name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "must be lower-case letters, digits and _, starting with a letter"),
	type: z.enum(exposedTypes),
	title: z.string().min(1).max(200),
	description: z.string().max(1_000).default(""),
	/** Null: it must be given (a seed: is drawn). Pictures have none. */
	default: z
		.union([z.string().max(20_000), z.number(), z.boolean()])
		.nullable()
		.default(null),
	/** Bounds of integers, numbers and seeds. */
	min: z.number().nullable().default(null),
	max: z.number().nullable().default(null),
	/** A form's step; whole steps from `min` are not enforced, as ComfyUI does not. */
	step: z.number().positive().nullable().default(null),
	/** What a choice offers; null for other types. */
	options: z
		.array(z.union([z.string().max(500), z.number(), z.boolean()]))
		.min(1)
		.max(1_000)
		.nullable()
		.default(null),
	multiline: z.boolean().default(false),
	/** Where the value goes; every one of them gets it. */
	bindings: z
		.array(z.strictObject({ node: z.string().min(1).max(100), input: z.string().min(1).max(200) }))
		.min(1)
		.max(50),
});

/** One field of a workflow made of a ComfyUI graph: what findInputs proposes and its author may rename, narrow or drop. */
export const exposedInput = fields.superRefine((input, context) => {
	const wrong = faultOf(input);
	if (wrong) context.addIssue({ code: "custom", path: [wrong[0]], message: wrong[1] });
});
export type ExposedInput = z.infer<typeof exposedInput>;

export const exposedInputs = z.array(exposedInput).max(100).superRefine(refuseRepeats);

/** Two fields of one name, or for one place of the graph. */
export function refuseRepeats(inputs: readonly Pick<ExposedInput, "name" | "bindings">[], context: z.core.$RefinementCtx): void {
	const seen = { names: new Set<string>(), places: new Set<string>() };
	for (const [at, input] of inputs.entries()) {
		if (seen.names.has(input.name)) context.addIssue({ code: "custom", path: [at, "name"], message: `${input.name} is used twice` });
		seen.names.add(input.name);
		for (const [place, { node, input: name }] of input.bindings.entries()) {
			const key = JSON.stringify([node, name]);
			if (seen.places.has(key))
				context.addIssue({ code: "custom", path: [at, "bindings", place], message: `${name} of node ${node} is bound twice` });
			seen.places.add(key);
		}
	}
}

/** What keeps a definition from meaning anything, as field and message; null when it is sound. */
function faultOf(input: z.infer<typeof fields>): [field: string, message: string] | null {
	const { type, min, max, options } = input;
	if ((type === "choice") !== (options !== null)) return ["options", "a choice needs options, and nothing else has them"];
	if (type !== "integer" && type !== "number" && type !== "seed" && (min !== null || max !== null))
		return ["min", "only integers, numbers and seeds have bounds"];
	if (min !== null && max !== null && min > max) return ["min", "must not be above max"];
	if (type === "picture" && input.default !== null) return ["default", "a picture has no default: every run gives it"];
	const misfit = input.default === null ? null : misfitOf(input, input.default);
	return misfit ? ["default", misfit] : null;
}

/** What would be right, when a value is not; null when it fits. Pictures are not judged here. */
export function misfitOf(input: Pick<ExposedInput, "type" | "min" | "max" | "options">, value: unknown): string | null {
	switch (input.type) {
		case "text":
			return typeof value === "string" && value.length <= 20_000 ? null : "must be a text of at most 20,000 characters";
		case "boolean":
			return typeof value === "boolean" ? null : "must be true or false";
		case "choice":
			return input.options?.some((option) => option === value)
				? null
				: `must be one of ${(input.options ?? [])
						.slice(0, 50)
						.map((option) => JSON.stringify(option))
						.join(", ")}`;
		case "picture":
			return null;
		default:
			return misfitOfNumber(input, value);
	}
}

function misfitOfNumber({ type, min, max }: Pick<ExposedInput, "type" | "min" | "max">, value: unknown): string | null {
	const whole = type !== "number";
	const range =
		min !== null && max !== null
			? ` from ${min} to ${max}`
			: min !== null
				? ` of at least ${min}`
				: max !== null
					? ` of at most ${max}`
					: "";
	const right = `must be a ${whole ? "whole " : ""}number${range}`;
	if (typeof value !== "number" || !Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) return right;
	return (min !== null && value < min) || (max !== null && value > max) ? right : null;
}

/** Where a graph step puts each input: values by the input's name, pictures by a role of the same name. */
export function bindingsOf(inputs: readonly ExposedInput[]): GraphBinding[] {
	return inputs.flatMap(({ name, type, bindings }) =>
		bindings.map(({ node, input }) => (type === "picture" ? { node, input, picture: name } : { node, input, value: name })),
	);
}
