import type { Caller, Door, WorkflowBody } from "../../contract/door.ts";
import { GlassworksError } from "../../domain/errors.ts";

/** What a name of another world stands for here. */
export type Target = { kind: "model"; model: string } | { kind: "workflow"; workflow: WorkflowBody };

/**
 * A model's name as a client of another service says it: one that the operator mapped, our own, or a workflow's; after an owner
 * (`glassworks/flux`), or with more behind it (`fal-ai/flux/dev/image-to-image` is `fal-ai/flux/dev`).
 * @throws {GlassworksError} unknown_model, naming `field`
 */
export async function resolveName(door: Door, caller: Caller, name: string, field: string): Promise<Target> {
	const found = await findName(door, caller, name);
	if (found) return found;
	const known = [...door.operator.models.map((model) => model.name), ...Object.keys(door.operator.dialects.models)];
	const message = `no model or workflow here by the name "${name.slice(0, 100)}"; there are ${known.join(", ")}, and the workflows`;
	throw new GlassworksError("unknown_model", `${field}: ${message}.`, {}, [{ path: [field], message }]);
}

/** The same; null: nothing by that name. */
export async function findName(door: Door, caller: Caller, name: string): Promise<Target | null> {
	const { models, dialects } = door.operator;
	const parts = name.split("/");
	for (let count = parts.length; count > 0; count--) {
		const mapped = parts.slice(0, count).join("/");
		const own = Object.hasOwn(dialects.models, mapped) ? dialects.models[mapped] : ownName(mapped);
		if (own === undefined) continue;
		if (models.some((model) => model.name === own)) return { kind: "model", model: own };
		const workflow = await caller.workflow(own);
		if (workflow) return { kind: "workflow", workflow };
	}
	return null;
}

/** `flux` and `glassworks/flux` are ours; `someone/flux` is not. */
function ownName(name: string): string | undefined {
	const own = name.startsWith("glassworks/") ? name.slice("glassworks/".length) : name;
	return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(own) ? own : undefined;
}
