import type { ApiNode } from "../../engines/apiGraph.ts";
import { names } from "./coreNodeClasses.ts";
import { type Fed, foldGraph } from "./foldGraph.ts";
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
/** Classes that give a picture another size, by the inputs that say it. Any other class is as large as its largest source, at least. */
const resizers: Readonly<Record<string, readonly string[]>> = {
	ImageScale: ["width", "height"],
	LatentUpscale: ["width", "height"],
	ImageScaleToMaxDimension: ["largest_size"],
	ResizeImagesByLongerEdge: ["longer_edge"],
	ResizeAndPadImage: ["target_width", "target_height"],
};
/** The output of GetImageSize that counts pictures. */
const countOutput = 2;
/** Super-resolution nets enlarge by at most this. */
export const netScale = 4;

export const nothing: Measures = { sidePx: 0, count: 1, parts: 1 };

/** The measures of every node. A node in a circle counts without it: no engine runs it. */
export function measureGraph(judged: Judged, ids: readonly string[]): Map<string, Measures> {
	return foldGraph(judged.graph, ids, nothing, (id, node, sources) => measureNode(judged, id, node, sources));
}

function measureNode(judged: Judged, id: string, node: ApiNode, sources: Fed<Measures>[]): Measures {
	const inputs = inputsOf(judged, id, node);
	const high = (name: string) => highAt(judged, id, name, sources);
	return {
		sidePx: sideOf(judged, node, inputs, sources, high),
		count: countOf(node, inputs, sources, high),
		parts: partsOf(node, sources),
	};
}

/** The greatest value of an input, which may be the size or count of a picture (GetImageSize). checkCosts refuses values made otherwise. */
function highAt(judged: Judged, id: string, name: string, sources: Fed<Measures>[]): number {
	const bounds = boundsAt(judged, id, name);
	if (bounds === null) return 0;
	if ("high" in bounds) return bounds.high;
	// Nodes that only hold a value hand on the measures of what they got it from.
	const measured = sources.find(({ input }) => input === name)?.value ?? nothing;
	return bounds.from[1] === countOutput ? measured.count : measured.sidePx;
}

function sideOf({ policy }: Judged, node: ApiNode, inputs: string[], sources: Fed<Measures>[], at: (name: string) => number): number {
	const widest = largest(sources.map(({ value }) => value.sidePx));
	const added = (name: string) => Math.max(0, at(name));
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
			// One of its own sizes of about a megapixel.
			return 1_024;
		case "ImagePadForOutpaint":
			return widest + Math.max(added("left") + added("right"), added("top") + added("bottom"));
		case "ImageStitch":
			return sum(sources.map(({ value }) => value.sidePx)) + added("spacing_width");
	}
	if (sizeHints.has(node.class_type)) return widest;
	if (Object.hasOwn(resizers, node.class_type)) return largest((resizers[node.class_type] ?? []).map(at));
	const sides = inputs.filter((name) => isSideName(baseName(name)));
	const factors = inputs.filter((name) => ["scale_by", "multiplier", "upscale_by"].includes(baseName(name)));
	const enlarged = factors.reduce((side, name) => side * Math.max(1, at(name)), widest);
	return Math.max(enlarged, largest(sides.map(at)));
}

/** Inputs that decide a size without being one. */
export const factorNames = ["scale_by", "multiplier", "upscale_by", "scale_ratio", "megapixels"];

export function isSideName(name: string): boolean {
	return ["width", "height", "target_width", "target_height", "largest_size", "longer_edge", "longer_size"].includes(name);
}

function countOf(node: ApiNode, inputs: string[], sources: Fed<Measures>[], at: (name: string) => number): number {
	const counts = sources.map(({ value }) => value.count);
	if (joinBatches.has(node.class_type)) return Math.max(1, sum(counts));
	const most = Math.max(1, largest(counts));
	if (repeats.has(node.class_type)) return most * Math.max(1, at("amount"));
	if (node.class_type === "RebatchLatents" || node.class_type === "RebatchImages") return most;
	return inputs.some((name) => baseName(name) === "batch_size") ? Math.max(most, at("batch_size")) : most;
}

/** A pair of conditionings hands on two: what joins as positive is counted apart from what joins as negative. */
function partsOf(node: ApiNode, sources: Fed<Measures>[]): number {
	if (!joinConditionings.has(node.class_type)) return Math.max(1, largest(sources.map(({ value }) => value.parts)));
	const groups = new Map<string, number>();
	for (const { input, value } of sources) {
		const group = /^(positive|negative)/.exec(input)?.[0] ?? "";
		groups.set(group, (groups.get(group) ?? 0) + value.parts);
	}
	return Math.max(1, largest([...groups.values()]));
}

function sum(numbers: number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}

function largest(numbers: number[]): number {
	return numbers.reduce((most, number) => Math.max(most, number), 0);
}
