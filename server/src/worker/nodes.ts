import type { JsonObject } from "../domain/json.ts";

/** A description of ComfyUI's nodes and its SHA-256, hex. */
export interface NodesOffer {
	digest: string;
	nodes: JsonObject;
}

/** What is told of an engine's nodes; null: it has none. `before`: what was told last, kept while nothing changed. */
export async function describeNodes(nodes: JsonObject | null, before: NodesOffer | null): Promise<NodesOffer | null> {
	// Megabytes: engines hand out the same object until it changes.
	if (nodes === null || nodes === before?.nodes) return nodes && before;
	if (Object.keys(nodes).length === 0) return null;
	return { digest: await sha256Hex(JSON.stringify(nodes)), nodes };
}

async function sha256Hex(text: string): Promise<string> {
	return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
}
