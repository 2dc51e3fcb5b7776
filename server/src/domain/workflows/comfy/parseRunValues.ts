import { z } from "zod";
import { type FieldError, GlassworksError } from "../../errors.ts";
import type { Json, JsonObject } from "../../json.ts";
import { type ExposedInput, misfitOf } from "./exposedInput.ts";

/** How a run names a picture; the door that took the request looks it up or fetches it. */
const pictureValue = z.union([
	z.strictObject({ asset_id: z.string().min(1).max(100) }),
	z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(4_096) }),
	z.strictObject({ job_id: z.string().min(1).max(100), n: z.int().min(0).default(0) }),
]);

/**
 * The values of one run by the names of `inputs`: defaults filled in, pictures as `{asset_id}`, `{url}` (also for a plain address) or
 * `{job_id, n}`. A seed that was not given is null: the caller draws it.
 * @throws {GlassworksError} invalid_request; `fields` names each field and what would be right.
 */
export function parseRunValues(inputs: readonly ExposedInput[], values: unknown): JsonObject {
	if (typeof values !== "object" || values === null || Array.isArray(values))
		throw new GlassworksError("invalid_request", "The values of a run must be an object by field name.");
	const faults: FieldError[] = unknownFields(inputs, values);
	const parsed: [string, Json][] = [];
	for (const input of inputs) {
		const given = Object.hasOwn(values, input.name) ? (values as Record<string, unknown>)[input.name] : undefined;
		const read = readValue(input, given);
		if (typeof read === "string") faults.push({ path: [input.name], message: read });
		else parsed.push([input.name, read.value]);
	}
	const [first] = faults;
	if (first) throw new GlassworksError("invalid_request", `${first.path.join(".")} ${first.message}.`, {}, faults.slice(0, 50));
	return Object.fromEntries(parsed);
}

function unknownFields(inputs: readonly ExposedInput[], values: object): FieldError[] {
	const known = new Set(inputs.map((input) => input.name));
	return Object.keys(values)
		.filter((name) => !known.has(name))
		.map((name) => ({
			path: [name.slice(0, 100)],
			message: `is not a field of this workflow; it takes ${[...known].join(", ") || "none"}`,
		}));
}

/** The value, or what would be right. */
function readValue(input: ExposedInput, given: unknown): { value: Json } | string {
	if (given === undefined || given === null) {
		if (input.default !== null || input.type === "seed") return { value: input.default };
		return input.type === "picture" ? "must be given: a picture" : "must be given";
	}
	if (input.type === "picture") {
		const read = pictureValue.safeParse(typeof given === "string" ? { url: given } : given);
		return read.success ? { value: read.data } : 'must be a picture: {"asset_id": ...}, {"url": "https://..."} or {"job_id": ..., "n": 0}';
	}
	return misfitOf(input, given) ?? { value: given as Json };
}
