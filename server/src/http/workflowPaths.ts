import type { Json, JsonObject } from "../domain/json.ts";
import { valuesSchema } from "../domain/workflows/workflowInput.ts";
import type { WorkflowRecord } from "../domain/workflows/workflowStore.ts";

type Document = JsonObject & { paths: Record<string, JsonObject> };

/** The document with an address of its own for each workflow, whose body is typed by the workflow's inputs. */
export function withWorkflowPaths(document: JsonObject, records: readonly WorkflowRecord[]): JsonObject {
	const { paths } = document as Document;
	const general = paths["/api/v1/workflows/{slug}/runs"]?.post as JsonObject | undefined;
	const components = document.components as JsonObject | undefined;
	const body = (components?.schemas as JsonObject | undefined)?.RunWorkflow as JsonObject | undefined;
	if (!general || !body) return document;
	const own = records.map(
		(record) => [`/api/v1/workflows/${record.workflow.slug}/runs`, { post: operationFor(record, general, body) }] as const,
	);
	return { ...document, paths: { ...paths, ...Object.fromEntries(own) } };
}

function operationFor({ workflow }: WorkflowRecord, general: JsonObject, body: JsonObject): JsonObject {
	const { slug, version, title, description, inputs } = workflow;
	const schema = valuesSchema(inputs);
	const parameters = ((general.parameters as Json[] | undefined) ?? []).filter((parameter) => (parameter as JsonObject).in !== "path");
	const required = schema.required === undefined ? [] : ["inputs"];
	const typed = {
		...{ ...body, title: `${title} (version ${version})`, properties: { ...(body.properties as JsonObject), inputs: schema } },
		...(required.length > 0 && { required }),
	};
	return {
		...general,
		operationId: `run_${slug.replaceAll("-", "_")}`,
		summary: `Run ${title}`,
		...(description !== "" && { description }),
		parameters,
		requestBody: { required: required.length > 0, content: { "application/json": { schema: typed } } },
	};
}
