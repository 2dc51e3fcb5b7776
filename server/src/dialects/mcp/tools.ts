import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Asked, Caller, WorkflowBody } from "../../contract/door.ts";
import { createEdit } from "../../contract/edit.ts";
import { createGeneration } from "../../contract/generation.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import { valuesSchema } from "../../domain/workflows/workflowInput.ts";

/** A tool that asks for pictures, and what it asks for. */
interface PictureTool {
	tool: Tool;
	asked(values: JsonObject): Asked;
}

const wait: JsonObject = {
	type: "boolean",
	default: true,
	description: "False: answer at once with the job's id, to be asked about with `status`.",
};
/** Fields whose strings are pictures: addresses and data URIs are taken too. */
export const pictureFields = ["image", "mask"];

/** Every tool of this caller: those that are always there, and one for each workflow that it may run. */
export async function pictureTools(caller: Caller): Promise<PictureTool[]> {
	const workflows = await caller.workflows();
	return [generate, edit, upscaleOf(workflows), ...workflows.map(ofWorkflow)].filter((tool) => tool !== null);
}

const generate: PictureTool = {
	tool: tool("generate", "Draw pictures", "Draws pictures from words, and finishes them.", schemaOf(createGeneration)),
	asked: (body) => ({ kind: "generation", body: body as never }),
};

const edit: PictureTool = {
	tool: tool(
		"edit",
		"Change part of a picture",
		"Removes, fills, replaces, inserts or outpaints; the rest stays to the bit.",
		schemaOf(createEdit),
	),
	asked: (body) => ({ kind: "edit", body: body as never }),
};

function upscaleOf(workflows: readonly WorkflowBody[]): PictureTool | null {
	const found = workflows.find(({ slug }) => slug === "upscale");
	return found ? { ...ofWorkflow(found), tool: { ...ofWorkflow(found).tool, name: "upscale" } } : null;
}

function ofWorkflow({ slug, title, description, inputs }: WorkflowBody): PictureTool {
	const schema = valuesSchema(inputs as Parameters<typeof valuesSchema>[0]);
	return {
		tool: tool(`run_${slug.replaceAll("-", "_")}`.slice(0, 64), title, description || title, schema),
		asked: (values) => ({ kind: "run", workflow: slug, body: { inputs: values } }),
	};
}

function tool(name: string, title: string, description: string, schema: JsonObject): Tool {
	const properties = { ...(schema.properties as JsonObject), wait };
	return { name, title, description, inputSchema: { ...schema, type: "object", properties } as Tool["inputSchema"] };
}

/** The schema of a body, with a text where a picture may be one. */
function schemaOf(body: z.ZodType): JsonObject {
	const { $schema: _schema, $ref, $defs, ...whole } = z.toJSONSchema(body, { io: "input", unrepresentable: "any" }) as JsonObject;
	// A schema that is named stands among the definitions.
	const named = typeof $ref === "string" ? asObject(asObject($defs)[$ref.replace("#/$defs/", "")]) : whole;
	const { id: _id, ...schema } = named;
	const properties = { ...asObject(schema.properties) };
	const { image } = properties;
	if (image) properties.image = { anyOf: [{ type: "string", description: "An address or a data URI." }, image] };
	return { ...schema, properties, ...($defs === undefined ? {} : { $defs }) };
}

const nothing = { type: "object" as const, properties: {} };
export const statusTool: Tool = {
	name: "status",
	title: "How a job is",
	description: "A job's place in the queue and why, its ETA, price and progress; its pictures once they are there.",
	inputSchema: { type: "object", properties: { job_id: { type: "string" } }, required: ["job_id"] },
	annotations: { readOnlyHint: true },
};
export const workflowsTool: Tool = {
	name: "list_workflows",
	title: "Workflows you may run",
	description: "Those that ship and your account's own; each has a tool of its own.",
	inputSchema: nothing,
	annotations: { readOnlyHint: true },
};
