import type { JsonObject } from "../domain/json.ts";
import type { Engine } from "../domain/ports.ts";

/** A description of ComfyUI's nodes and its SHA-256, hex. */
export interface NodesOffer {
	digest: string;
	nodes: JsonObject;
	/** What it was put together from. */
	parts: JsonObject[];
}

/** The nodes of all engines that have any, as one description. `before`: what was offered last, kept while nothing changed. */
export async function describeNodes(engines: readonly Engine[], before: NodesOffer | null): Promise<NodesOffer | null> {
	const described = await Promise.all(engines.map((engine) => engine.nodes?.() ?? null));
	const parts = described.filter((each) => each !== null);
	// Megabytes: engines hand out the same object until it changes.
	if (before && parts.length === before.parts.length && parts.every((part, at) => part === before.parts[at])) return before;
	const nodes: JsonObject = Object.assign({}, ...parts.toReversed());
	if (Object.keys(nodes).length === 0) return null;
	return { digest: await sha256Hex(JSON.stringify(nodes)), nodes, parts };
}

async function sha256Hex(text: string): Promise<string> {
	return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
}
