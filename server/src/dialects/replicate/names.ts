import type { Caller, Door } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import { valuesSchema } from "../../domain/workflows/workflowInput.ts";
import { findName } from "../common/resolveName.ts";

/** `owner/name`, `owner/name:version`, or a version alone, which names what it is one of: `portrait@3`. */
export function nameAndVersion(asked: string): { name: string; version: number | null } {
	const alone = asked.includes(":") ? asked.slice(asked.indexOf(":") + 1) : asked;
	const [, name = alone, version] = /^(.+)@(\d{1,6})$/.exec(alone) ?? [];
	return { name, version: version === undefined ? null : Number(version) };
}

/** A model or workflow as Replicate shows a model, with the schema of its input. @throws {GlassworksError} not_found */
export async function presentModel(door: Door, caller: Caller, owner: string, name: string) {
	const target = await findName(door, caller, `${owner}/${name}`);
	if (!target) throw new GlassworksError("not_found", `No model here by the name ${owner}/${name}.`);
	const described =
		target.kind === "workflow"
			? { ...target.workflow, own: target.workflow.slug }
			: { ...(await drawing(caller)), ...titleOf(door, target.model), own: target.model, version: 1 };
	const version = {
		id: `${described.own}@${described.version}`,
		created_at: "1970-01-01T00:00:00Z",
		cog_version: "0",
		openapi_schema: schemaOf(described.inputs),
	};
	return {
		...{
			url: `${door.publicUrl()}/replicate/v1/models/${owner}/${name}`,
			owner,
			name,
			description: described.description || described.title,
		},
		...{
			visibility: "public",
			github_url: null,
			paper_url: null,
			license_url: null,
			run_count: 0,
			cover_image_url: null,
			default_example: null,
		},
		latest_version: version,
	};
}

type Inputs = Parameters<typeof valuesSchema>[0];

/** What every model draws by. */
async function drawing(caller: Caller) {
	const workflow = await caller.workflow("picture");
	return { inputs: workflow?.inputs ?? [] };
}

function titleOf({ operator }: Door, model: string): { title: string; description: string } {
	const found = operator.models.find((entry) => entry.name === model);
	return { title: found?.title ?? model, description: found?.notice ?? "" };
}

function schemaOf(inputs: unknown): JsonObject {
	const Output: JsonObject = { type: "array", items: { type: "string", format: "uri" }, title: "Output" };
	return {
		...{ openapi: "3.0.2", info: { title: "Glassworks", version: "1" }, paths: {} },
		components: { schemas: { Input: { ...valuesSchema(inputs as Inputs), title: "Input" }, Output } },
	};
}
