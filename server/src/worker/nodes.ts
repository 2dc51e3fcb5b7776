import type { JsonObject } from "../domain/json.ts";
import type { Engine } from "../domain/ports.ts";

/** A description of ComfyUI's nodes and its SHA-256, hex. */
export interface NodesOffer {
	digest: string;
	nodes: JsonObject;
}

/** The nodes of all engines that have any, as one description. `before`: what was offered last, kept while nothing changed. */
export async function describeNodes(engines: readonly Engine[], before: NodesOffer | null): Promise<NodesOffer | null> {
	const described = await Promise.all(engines.map((engine) => engine.nodes?.() ?? null));
	const nodes: JsonObject = Object.assign({}, ...described.filter((each) => each !== null).reverse());
	if (Object.keys(nodes).length === 0) return null;
	const digest = await sha256Hex(JSON.stringify(nodes));
	return digest === before?.digest ? before : { digest, nodes };
}

async function sha256Hex(text: string): Promise<string> {
	return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
}
