import { readNodeCatalogue } from "../domain/engines/nodeCatalogue.ts";
import { canAllOf } from "../domain/engines/requirements.ts";
import { noTraits } from "../domain/engines/traits.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Capability, CapabilityInfo, Engine, Log } from "../domain/ports.ts";
import { graphParts } from "../domain/workflows/comfy/graphNeeds.ts";

/** What an engine answered. */
export interface Offer {
	engine: Engine;
	infos: ReadonlyMap<Capability, CapabilityInfo>;
	/** Null: it has none. */
	nodes: JsonObject | null;
}

/**
 * Engines of one worker by capability, of which any may be handed a step: the first that has it, which says what is promised, and those of
 * the others that can all of that. Together they may have more than each of them has: nothing of that is promised.
 */
export function partnersOf(offers: readonly Offer[]): Map<Capability, Offer[]> {
	const partners = new Map<Capability, Offer[]>();
	for (const offer of offers)
		for (const capability of offer.infos.keys()) {
			const others = partners.get(capability) ?? [];
			const [first] = others;
			if (!first || canStandIn(offer, first, capability)) partners.set(capability, [...others, offer]);
		}
	return partners;
}

/** Says once of each engine which steps it is handed none of. */
export function createLeftOutTeller(log: Log): (offers: readonly Offer[], partners: ReadonlyMap<Capability, Offer[]>) => void {
	const told = new Set<string>();
	return (offers, partners) => {
		for (const [at, { engine, infos }] of offers.entries())
			for (const capability of infos.keys()) {
				const which = `${at}:${capability}`;
				if (partners.get(capability)?.some((offer) => offer.engine === engine) || told.has(which)) continue;
				told.add(which);
				log.warn({ engine: engine.name, nth: at + 1, capability }, "engine lacks what one before it has: give it a worker of its own");
			}
	};
}

function canStandIn(offer: Offer, first: Offer, capability: Capability): boolean {
	const traits = ({ infos }: Offer) => ({ ...noTraits, ...infos.get(capability)?.traits });
	if (!canAllOf(traits(offer), traits(first))) return false;
	if (!capability.startsWith("graph:") || !first.nodes) return true;
	const has = offer.nodes ? partsOf(offer.nodes) : new Set<string>();
	return [...partsOf(first.nodes)].every((part) => has.has(part));
}

/** Reading a description takes tens of milliseconds; engines hand out the same object until it changes. */
const known = new WeakMap<JsonObject, Set<string>>();

function partsOf(nodes: JsonObject): Set<string> {
	const parts = known.get(nodes) ?? new Set(graphParts(readNodeCatalogue(nodes)));
	known.set(nodes, parts);
	return parts;
}
