import type { Capability } from "../ports.ts";
import type { Traits } from "./traits.ts";

/** What live workers can run, and how well, by pool. A pool without a live worker is absent. */
export type Live = ReadonlyMap<string, ReadonlyMap<Capability, Traits>>;

/** What at least one of two workers can do. A request that needs two things only different workers have is refused by the engine. */
export function eitherOf(a: Traits, b: Traits): Traits {
	const both = <T>(one: readonly T[], other: readonly T[]): T[] => [...new Set([...one, ...other])];
	return {
		operations: both(a.operations, b.operations),
		ignoresPrompt: a.ignoresPrompt && b.ignoresPrompt,
		shapeGuided: a.shapeGuided || b.shapeGuided,
		controlNets: both(a.controlNets, b.controlNets),
		maxControlNets: a.maxControlNets === null || b.maxControlNets === null ? null : Math.max(a.maxControlNets, b.maxControlNets),
		preprocessors: both(a.preprocessors, b.preprocessors),
		loras: both(a.loras, b.loras),
		samplers: both(a.samplers, b.samplers),
		schedulers: both(a.schedulers, b.schedulers),
		hiresFix: a.hiresFix || b.hiresFix,
		imageToImage: a.imageToImage || b.imageToImage,
		ownLoras: a.ownLoras || b.ownLoras,
		training: moreOf(a.training, b.training),
	};
}

function moreOf(a: Traits["training"], b: Traits["training"]): Traits["training"] {
	if (!a || !b) return a ?? b;
	return {
		maxSteps: Math.max(a.maxSteps, b.maxSteps),
		maxPictures: Math.max(a.maxPictures, b.maxPictures),
		maxSidePx: Math.max(a.maxSidePx, b.maxSidePx),
	};
}

/** In any pool; null: no live worker has the capability. */
export function traitsAnywhere(live: Live, capability: Capability): Traits | null {
	const found = [...live.values()].flatMap((pool) => pool.get(capability) ?? []);
	return found.length > 0 ? found.reduce(eitherOf) : null;
}
