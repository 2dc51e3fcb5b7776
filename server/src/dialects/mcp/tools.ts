import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Asked, Caller, WorkflowBody } from "../../contract/door.ts";
import { createEdit } from "../../contract/edit.ts";
import { createGeneration } from "../../contract/generation.ts";
import { pictureInput } from "../../contract/picture.ts";
import { asObject, type JsonObject } from "../../domain/json.ts";
import { valuesSchema } from "../../domain/workflows/workflowInput.ts";

/** A tool that asks for pictures, and what it asks for. */
interface PictureTool {
	tool: Tool;
	/** Fields that are pictures: addresses and data URIs are taken too. */
	pictures: readonly string[];
	/** `values`: as the native API takes them. */
	asked(values: JsonObject): Asked;
}

const wait: JsonObject = {
	type: "boolean",
	default: true,
	description: "False: answer at once with the job's id, to be asked about with `status`.",
};
/** The tools of this caller, a page at a time: those that are always there, and one for each workflow that it may run. */
export async function listTools(caller: Caller, before: string | null): Promise<{ tools: Tool[]; next: string | null }> {
	const { data, next } = await caller.workflows(before);
	const always = before === null ? [generate, edit, upscaleOf(data)].flatMap((each) => each?.tool ?? []) : [];
	const besides = before === null ? [statusTool, workflowsTool] : [];
	return { tools: [...always, ...data.map((workflow) => ofWorkflow(workflow).tool), ...besides], next };
}

/** Null: no tool that asks for pictures has that name. */
export async function findPictureTool(caller: Caller, name: string): Promise<PictureTool | null> {
	if (name === generate.tool.name) return generate;
	if (name === edit.tool.name) return edit;
	const slug = name === "upscale" ? name : /^run_[a-z0-9_]+$/.test(name) ? name.slice("run_".length).replaceAll("_", "-") : null;
	const workflow = slug && (await caller.workflow(slug));
	return workflow ? ofWorkflow(workflow) : null;
}

const pictures = ["image", "mask"];

const generate: PictureTool = {
	tool: tool("generate", "Draw pictures", "Draws pictures from words, and finishes them.", withText(schemaOf(createGeneration), pictures)),
	pictures,
	asked: (body) => ({ kind: "generation", body: body as never }),
};

const edit: PictureTool = {
	tool: tool(
		"edit",
		"Change part of a picture",
		"Removes, fills, replaces, inserts or outpaints; the rest stays to the bit.",
		withText(schemaOf(createEdit), pictures),
	),
	pictures,
	asked: ({ mask, ...body }) => ({ kind: "edit", body: { ...body, ...(mask === undefined ? {} : { mask: asMask(mask) }) } as never }),
};

/** A picture alone is a mask whose picture it is. */
const asMask = (given: unknown): unknown => (pictureInput.safeParse(given).success ? { image: given } : given);

function upscaleOf(workflows: readonly WorkflowBody[]): PictureTool | null {
	const found = workflows.find(({ slug }) => slug === "upscale");
	return found ? { ...ofWorkflow(found), tool: { ...ofWorkflow(found).tool, name: "upscale" } } : null;
}

function ofWorkflow({ slug, title, description, inputs }: WorkflowBody): PictureTool {
	const schema = valuesSchema(inputs as Parameters<typeof valuesSchema>[0]);
	const pictures = inputs.filter(({ type }) => type === "picture").map(({ name }) => name);
	return {
		tool: tool(`run_${slug.replaceAll("-", "_")}`, title, description || title, withText(schema, pictures)),
		pictures,
		asked: (values) => ({ kind: "run", workflow: slug, body: { inputs: values } }),
	};
}

function tool(name: string, title: string, description: string, schema: JsonObject): Tool {
	const properties = { ...(schema.properties as JsonObject), wait };
	return { name, title, description, inputSchema: { ...schema, type: "object", properties } as Tool["inputSchema"] };
}

function schemaOf(body: z.ZodType): JsonObject {
	const { $schema: _schema, $ref, $defs, ...whole } = z.toJSONSchema(body, { io: "input", unrepresentable: "any" }) as JsonObject;
	// A schema that is named stands among the definitions.
	const named = typeof $ref === "string" ? asObject(asObject($defs)[$ref.replace("#/$defs/", "")]) : whole;
	const { id: _id, ...schema } = named;
	return { ...schema, ...($defs === undefined ? {} : { $defs }) };
}

/** With a text where a picture may be one. */
function withText(schema: JsonObject, pictures: readonly string[]): JsonObject {
	const properties = Object.entries(asObject(schema.properties)).map(([name, of]) => {
		const text = { type: "string", description: "An address or a data URI." };
		return [name, pictures.includes(name) ? { anyOf: [text, of] } : of];
	});
	return { ...schema, properties: Object.fromEntries(properties) };
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
