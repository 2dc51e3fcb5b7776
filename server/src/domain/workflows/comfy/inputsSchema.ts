import type { JsonObject } from "../../json.ts";
import type { ExposedInput } from "./exposedInput.ts";

/** The JSON Schema (2020-12) of a run's values: for OpenAPI, forms and MCP. It accepts what parseRunValues accepts. */
export function inputsSchema(inputs: readonly ExposedInput[]): JsonObject {
	const required = inputs.filter((input) => input.default === null && input.type !== "seed").map((input) => input.name);
	return {
		type: "object",
		properties: Object.fromEntries(inputs.map((input) => [input.name, schemaOf(input)])),
		...(required.length > 0 && { required }),
		additionalProperties: false,
	};
}

function schemaOf(input: ExposedInput): JsonObject {
	return {
		title: input.title,
		...(input.description !== "" && { description: input.description }),
		...shapeOf(input),
		...(input.default !== null && { default: input.default }),
	};
}

function shapeOf(input: ExposedInput): JsonObject {
	const bounds: JsonObject = { ...(input.min !== null && { minimum: input.min }), ...(input.max !== null && { maximum: input.max }) };
	switch (input.type) {
		case "text":
			return { type: "string", maxLength: 20_000, ...(input.multiline && { "x-multiline": true }) };
		case "integer":
			return { type: "integer", ...bounds, ...(input.step !== null && { "x-step": input.step }) };
		case "number":
			return { type: "number", ...bounds, ...(input.step !== null && { "x-step": input.step }) };
		case "seed":
			return { type: ["integer", "null"], ...bounds, "x-seed": true };
		case "boolean":
			return { type: "boolean" };
		case "choice":
			return { enum: [...(input.options ?? [])] };
		case "picture":
			return pictureSchema;
	}
}

const pictureSchema: JsonObject = {
	"x-picture": true,
	anyOf: [
		{ type: "string", format: "uri", description: "http or https; fetched by the server." },
		{ type: "object", properties: { asset_id: { type: "string" } }, required: ["asset_id"], additionalProperties: false },
		{ type: "object", properties: { url: { type: "string", format: "uri" } }, required: ["url"], additionalProperties: false },
		{
			type: "object",
			properties: { job_id: { type: "string" }, n: { type: "integer", minimum: 0, default: 0 } },
			required: ["job_id"],
			additionalProperties: false,
		},
	],
};
