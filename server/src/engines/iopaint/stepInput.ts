import type { z } from "zod";
import { GlassworksError } from "../../domain/errors.ts";
import type { Picture, StepRequest } from "../../domain/ports.ts";

/** The step's parameters, checked. @throws {GlassworksError} engine_invalid, with every wrong field */
export function readParams<T extends z.ZodType>(schema: T, { kind, params }: StepRequest): z.output<T> {
	const parsed = schema.safeParse(params);
	if (parsed.success) return parsed.data;
	const fields = parsed.error.issues.map(({ path, message }) => ({
		path: path.map((key) => (typeof key === "number" ? key : String(key))),
		message,
	}));
	const summary = fields.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
	throw new GlassworksError("engine_invalid", `The parameters of ${kind} are wrong: ${summary}`, {}, fields);
}

/** @throws {GlassworksError} engine_invalid */
export function readInput({ kind, inputs }: StepRequest, role: string): Picture {
	const picture = inputs[role];
	if (picture) return picture;
	throw new GlassworksError("engine_invalid", `The step ${kind} needs a picture for "${role}".`);
}
