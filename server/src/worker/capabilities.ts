import type { ModelRegistry } from "../domain/engines/registry.ts";
import { noTraits, type Traits } from "../domain/engines/traits.ts";
import { GlassworksError } from "../domain/errors.ts";
import type { Capability, Engine, Log } from "../domain/ports.ts";
import { describeNodes, type NodesOffer } from "./nodes.ts";
import { createLeftOutTeller, type Offer, partnersOf } from "./partners.ts";

/** Who runs a capability in this process, and what makes its results what they are. */
export interface Runner {
	engine: Engine;
	digest: string | null;
}

/** What this process can run now. */
export interface Capabilities {
	list(): Capability[];
	/** By capability; those that can do the plain step only are left out. */
	traits(): Record<string, Traits>;
	/** SHA-256 of what makes results what they are, by capability; where engines of this process differ, or cannot tell, there is none. */
	digests(): Record<string, string>;
	/** Why engines offer nothing; null: all of them answer. */
	trouble(): string | null;
	/** What its engines' nodes are; null: they have none. */
	nodes(): NodesOffer | null;
	/** An engine that can all that is promised of it: the one with the most free slots, and of several such the first. It counts as busy until `done`. */
	take(capability: Capability): (Runner & { done(): void }) | undefined;
	/** Tells the engines what our model names mean. Returns whether that may have changed what they can run. */
	learn(registry: ModelRegistry): boolean;
	/** Asks every engine again: models come and go while a worker runs. An engine that cannot answer offers nothing. */
	refresh(): Promise<void>;
}

export function discoverCapabilities(engines: readonly Engine[], log: Log): Capabilities {
	let offers: Offer[] = [];
	let partners = partnersOf(offers);
	const tellLeftOut = createLeftOutTeller(log);
	let nodes: NodesOffer | null = null;
	let known = "";
	const silent = new Map<Engine, string>();
	const busy = new Map<Engine, number>();
	const freeSlots = (engine: Engine) => engine.slots - (busy.get(engine) ?? 0);

	async function ask(engine: Engine): Promise<Offer[]> {
		try {
			const infos = await engine.capabilities();
			if (silent.delete(engine)) log.info({ engine: engine.name }, "engine answers again");
			return [{ engine, infos: new Map(infos.map((info) => [info.capability, info])), nodes: (await engine.nodes?.()) ?? null }];
		} catch (error) {
			if (!silent.has(engine)) log.warn({ engine: engine.name, err: error }, "engine does not say what it can run");
			silent.set(engine, `${engine.name}: ${error instanceof GlassworksError ? error.message : "It does not say what it can run."}`);
			return [];
		}
	}

	return {
		list: () => [...new Set(offers.flatMap(({ infos }) => [...infos.keys()]))],
		traits: () => traitsOf(offers),
		digests: () => digestsOf([...partners]),
		trouble: () => (silent.size > 0 ? [...silent.values()].join(" ").slice(0, 500) : null),
		nodes: () => nodes,
		take(capability) {
			const [best] = (partners.get(capability) ?? []).toSorted((a, b) => freeSlots(b.engine) - freeSlots(a.engine));
			if (!best) return undefined;
			const { engine } = best;
			busy.set(engine, (busy.get(engine) ?? 0) + 1);
			const done = () => busy.set(engine, (busy.get(engine) ?? 1) - 1);
			return { engine, digest: best.infos.get(capability)?.digest ?? null, done };
		},
		learn(registry) {
			const text = JSON.stringify(registry);
			if (text === known) return false;
			known = text;
			for (const engine of engines) engine.learn?.(registry);
			return engines.some((engine) => engine.learn !== undefined);
		},
		async refresh() {
			offers = (await Promise.all(engines.map(ask))).flat();
			partners = partnersOf(offers);
			tellLeftOut(offers, partners);
			nodes = await describeNodes(offers.find((offer) => offer.nodes)?.nodes ?? null, nodes);
		},
	};
}

function digestsOf(partners: readonly [Capability, Offer[]][]): Record<string, string> {
	return Object.fromEntries(
		partners.flatMap(([capability, offers]) => {
			const [digest, ...others] = new Set(offers.map(({ infos }) => infos.get(capability)?.digest ?? null));
			return digest && others.length === 0 ? [[capability, digest]] : [];
		}),
	);
}

/** Of several engines with one capability, the first one's: only those that can as much run steps; see partners.ts. */
function traitsOf(offers: readonly Offer[]): Record<string, Traits> {
	const traits: Record<string, Traits> = {};
	for (const { infos } of offers)
		for (const [capability, info] of infos)
			if (info.traits && !(capability in traits)) traits[capability] = { ...noTraits, ...info.traits };
	return traits;
}
