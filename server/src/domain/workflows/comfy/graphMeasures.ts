import type { ApiNode } from "../../engines/apiGraph.ts";
import { names } from "./coreNodeClasses.ts";
import { linkOf, nodeAt } from "./graphLinks.ts";
import { baseName, boundsAt, inputsOf, type Judged } from "./graphPolicy.ts";

/** Upper bounds of what a node hands on. Nodes whose cost is not known from their inputs count as their largest source. */
export interface Measures {
	/** Side in pixels of a square of the picture's area: enlarging, padding and batching multiply what it costs. */
	sidePx: number;
	/** Pictures in the batch. */
	count: number;
	/** Conditionings joined together: each is another pass of the network in every step. */
	parts: number;
}

/** Classes that put their sources one after another. A chain of them that joins a source with itself doubles each time. */
const joinBatches = new Set(names`ImageBatch LatentBatch BatchImagesNode BatchMasksNode BatchLatentsNode`);
const joinConditionings = new Set(
	names`ConditioningCombine ConditioningConcat ConditioningSetDefaultCombine ConditioningSetPropertiesAndCombine PairConditioningCombine
		PairConditioningSetDefaultCombine PairConditioningSetPropertiesAndCombine CombineHooks2 CombineHooks4 CombineHooks8`,
);
const repeats = new Set(names`RepeatLatentBatch RepeatImageBatch`);
/** Sizes given to the network as a hint, or to choose a schedule: no picture gets that size. */
const sizeHints = new Set(
	names`CLIPTextEncodeSDXL CLIPTextEncodeSDXLRefiner ModelSamplingFlux Flux2Scheduler GLIGENTextBoxApply ConditioningSetArea ImageCrop
		ImageCropV2 CenterCropImages CropMask LatentCrop`,
);
/** Super-resolution nets enlarge by at most this. */
export const netScale = 4;

/** Computes measures of the graph's nodes, each once. A node in a cycle counts as having no sources: no engine runs it. */
export function createMeasuring(judged: Judged): (id: string) => Measures {
	const known = new Map<string, Measures>();
	const nothing: Measures = { sidePx: 0, count: 1, parts: 1 };
	const measure = (id: string): Measures => {
		const found = known.get(id);
		if (found) return found;
		known.set(id, nothing);
		const node = nodeAt(judged.graph, id);
		const measured = node ? measureNode(judged, id, node, measure) : nothing;
		known.set(id, measured);
		return measured;
	};
	return measure;
}

function measureNode(judged: Judged, id: string, node: ApiNode, measure: (id: string) => Measures): Measures {
	const links = Object.entries(node.inputs).flatMap(([name, value]) => {
		const link = linkOf(value);
		return link ? [{ name, from: measure(link[0]) }] : [];
	});
	const high = (name: string) => highAt(judged, id, name, measure);
	const inputs = inputsOf(judged, id, node);
	return {
		sidePx: sideOf(
			judged,
			node,
			inputs,
			Math.max(0, ...links.map(({ from }) => from.sidePx)),
			sum(links.map(({ from }) => from.sidePx)),
			high,
		),
		count: countOf(
			node,
			inputs,
			links.map(({ from }) => from.count),
			high,
		),
		parts: partsOf(node, links),
	};
}

function sideOf(
	{ policy }: Judged,
	node: ApiNode,
	inputs: string[],
	widest: number,
	together: number,
	high: (name: string) => { sidePx: number },
): number {
	const at = (name: string) => high(name).sidePx;
	switch (node.class_type) {
		case "LoadImage":
		case "LoadImageMask":
			return policy.maxSidePx ?? 0;
		case "ImageUpscaleWithModel":
			return widest * netScale;
		case "SD_4XUpscale_Conditioning":
			return widest * at("scale_ratio");
		case "ImageScaleToTotalPixels":
			return Math.sqrt(at("megapixels")) * 1_024;
		case "FluxKontextImageScale":
			return 1_568;
		case "ImagePadForOutpaint":
			return widest + Math.max(at("left") + at("right"), at("top") + at("bottom"));
		case "ImageStitch":
			return together + at("spacing_width");
	}
	if (sizeHints.has(node.class_type)) return widest;
	const sides = inputs.filter((name) => isSideName(baseName(name)));
	const factors = inputs.filter((name) => ["scale_by", "multiplier", "upscale_by"].includes(baseName(name)));
	if (sides.length > 0) return Math.max(...sides.map(at));
	return factors.reduce((side, name) => side * Math.max(1, at(name)), widest);
}

/** Inputs that decide a size without being one. */
export const factorNames = ["scale_by", "multiplier", "upscale_by", "scale_ratio", "megapixels"];

export function isSideName(name: string): boolean {
	return ["width", "height", "target_width", "target_height", "largest_size", "longer_edge", "longer_size"].includes(name);
}

function countOf(node: ApiNode, inputs: string[], sources: number[], high: (name: string) => { count: number }): number {
	if (joinBatches.has(node.class_type)) return Math.max(1, sum(sources));
	const most = Math.max(1, ...sources);
	if (repeats.has(node.class_type)) return most * Math.max(1, high("amount").count);
	if (node.class_type === "RebatchLatents" || node.class_type === "RebatchImages") return most;
	return inputs.some((name) => baseName(name) === "batch_size") ? Math.max(most, high("batch_size").count) : most;
}

/** A pair of conditionings hands on two: what joins as positive is counted apart from what joins as negative. */
function partsOf(node: ApiNode, links: { name: string; from: Measures }[]): number {
	if (!joinConditionings.has(node.class_type)) return Math.max(1, ...links.map(({ from }) => from.parts));
	const groups = new Map<string, number>();
	for (const { name, from } of links) {
		const group = /^(positive|negative)/.exec(name)?.[0] ?? "";
		groups.set(group, (groups.get(group) ?? 0) + from.parts);
	}
	return Math.max(1, ...groups.values());
}

/** The greatest value of an input; that of a linked picture's own size or count when it is taken from there. */
function highAt(judged: Judged, id: string, name: string, measure: (id: string) => Measures): { sidePx: number; count: number } {
	const bounds = boundsAt(judged, id, name);
	if (bounds === null) return { sidePx: 0, count: 0 };
	return "from" in bounds ? measure(bounds.from) : { sidePx: bounds.high, count: bounds.high };
}

function sum(numbers: number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
