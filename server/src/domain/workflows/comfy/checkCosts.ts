import type { ApiNode } from "../../engines/apiGraph.ts";
import { names } from "./coreNodeClasses.ts";
import { foldGraph } from "./foldGraph.ts";
import { linkOf, nodeAt, sortIds } from "./graphLinks.ts";
import { factorNames, isSideName, type Measures, measureGraph, netScale, nothing } from "./graphMeasures.ts";
import { type Bounds, baseName, boundsAt, inputsOf, type Judged, problemAt, type SafetyProblem } from "./graphPolicy.ts";

const samplers = new Set(names`KSampler KSamplerAdvanced SamplerCustom SamplerCustomAdvanced`);
const stepNames = ["steps", "num_steps", "num_inference_steps", "sampling_steps"];
/** Conditionings that one prompt may be joined of; a plain prompt is one. */
const maxParts = 32;
/** Each loads a file or adds a pass, or part of one, to every step. */
const stacked = new Set(
	names`LoraLoader LoraLoaderModelOnly LoraLoaderBypass LoraLoaderBypassModelOnly CreateHookLora CreateHookLoraModelOnly HypernetworkLoader
		ControlNetApply ControlNetApplyAdvanced ControlNetApplySD3 ControlNetInpaintingAliMamaApply QwenImageDiffsynthControlnet
		ZImageFunControlnet PerturbedAttentionGuidance SelfAttentionGuidance SkipLayerGuidanceDiT SkipLayerGuidanceSD3 NAGuidance
		ReferenceLatent StyleModelApply`,
);
const maxStacked = 32;
/** Inputs whose work grows with their value, without a picture growing. */
const slowInputs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
	GrowMask: { expand: 256 },
	Morphology: { kernel_size: 64 },
	T5TokenizerOptions: { min_padding: 1_024, min_length: 1_024 },
};
const leastDenoise = 0.01;
const unknownNumber = "must be a number of the graph or of a primitive node, so that it can be checked";
/** Where 0 means "keep the shape": a thin picture would get a side without bound. */
const bothSides = new Set(names`ImageScale LatentUpscale`);

/** Sizes, steps, batches and passes that go beyond the policy, each named at the first node where they do. */
export function checkCosts(judged: Judged): SafetyProblem[] {
	const ids = sortIds(Object.keys(judged.graph));
	const measured = measureGraph(judged, ids);
	return [
		...ids.flatMap((id) => {
			const node = nodeAt(judged.graph, id);
			return node ? [...checkInputsOf(judged, id, node), ...checkJoins(judged, id, node, measured)] : [];
		}),
		...checkSides(judged, ids, measured),
		...countNodes(judged, ids),
	];
}

function checkInputsOf(judged: Judged, id: string, node: ApiNode): SafetyProblem[] {
	return inputsOf(judged, id, node).flatMap((input) => {
		const fault = faultOf(judged, id, node, input);
		return fault ? [problemAt(id, node, input, fault)] : [];
	});
}

function faultOf(judged: Judged, id: string, node: ApiNode, input: string): string | null {
	const bounds = boundsAt(judged, id, input);
	const name = baseName(input);
	const slow = Object.hasOwn(slowInputs, node.class_type) ? slowInputs[node.class_type]?.[name] : undefined;
	const most = stepNames.includes(name) ? (judged.policy.maxSteps ?? Number.POSITIVE_INFINITY) : slow;
	if (most !== undefined) {
		if (bounds === null) return "must be a number";
		if ("from" in bounds) return unknownNumber;
		const furthest = Math.max(Math.abs(bounds.low), Math.abs(bounds.high));
		const beyond = slow === undefined ? bounds.high > most : furthest > most;
		return beyond ? `can be ${Number.isFinite(furthest) ? furthest : "any number"}; at most ${most} is allowed` : null;
	}
	if (name === "denoise") return faultOfDenoise(bounds);
	if (node.class_type === "ImageStitch" && name === "match_image_size" && !(bounds && "high" in bounds && bounds.high === 0))
		return "must be false: a thin picture, made as high as the other, would grow without bound; scale the pictures first";
	const isSize = isSideName(name) || name === "batch_size" || name === "amount";
	if (bounds === null) return isSize || factorNames.includes(name) ? "must be a number" : null;
	if ("from" in bounds) {
		// A size may be that of another picture, whose size is known.
		const isMeasured = isSize && nodeAt(judged.graph, bounds.from[0])?.class_type === "GetImageSize";
		return (isSize && !isMeasured) || factorNames.includes(name) ? unknownNumber : null;
	}
	if (bothSides.has(node.class_type) && (name === "width" || name === "height") && bounds.low < 1)
		return "can be 0, which lets the other side grow without bound; give both sides, or use ImageScaleToTotalPixels";
	return null;
}

/** A sampler that starts late lays out its steps divided by this, so a value near 0 is a number of steps without bound. */
function faultOfDenoise(bounds: Bounds): string | null {
	if (bounds === null) return "must be a number";
	if ("from" in bounds) return unknownNumber;
	const isNothing = bounds.low === 0 && bounds.high === 0;
	return isNothing || bounds.low >= leastDenoise ? null : `can be ${bounds.low}; it must be at least ${leastDenoise}`;
}

/** Sides beyond the bound, each named at the node that made it so: what comes after inherits it. */
function checkSides(judged: Judged, ids: readonly string[], measured: ReadonlyMap<string, Measures>): SafetyProblem[] {
	const { maxSidePx } = judged.policy;
	if (maxSidePx === null) return [];
	const problems = new Map<string, SafetyProblem>();
	foldGraph(judged.graph, ids, false, (id, node, sources) => {
		if (sources.some(({ value: isNamed }) => isNamed)) return true;
		const { sidePx } = measured.get(id) ?? nothing;
		// Drawing over what was enlarged is drawing, too.
		const isDrawn = samplers.has(node.class_type) || sources.every((source) => (measured.get(source.node) ?? nothing).sidePx === 0);
		const most = isDrawn ? maxSidePx : maxSidePx * netScale;
		if (sidePx <= most) return false;
		const fault = `${isDrawn ? "draws" : "makes"} up to ${Math.ceil(sidePx)} px a side; at most ${most} is allowed here`;
		problems.set(id, problemAt(id, node, sideBeyond(judged, id, node, most), fault));
		return true;
	});
	return ids.flatMap((id) => problems.get(id) ?? []);
}

/** The input that asks for such a side, where one does. */
function sideBeyond(judged: Judged, id: string, node: ApiNode, most: number): string | null {
	const isBeyond = (bounds: Bounds) => bounds !== null && "high" in bounds && bounds.high > most;
	return inputsOf(judged, id, node).find((input) => isSideName(baseName(input)) && isBeyond(boundsAt(judged, id, input))) ?? null;
}

/** Batches and joined conditionings beyond the bound, named at the first node that goes beyond it. */
function checkJoins({ policy }: Judged, id: string, node: ApiNode, measured: ReadonlyMap<string, Measures>): SafetyProblem[] {
	const own = measured.get(id) ?? nothing;
	const sources = Object.values(node.inputs).flatMap((value) => {
		const link = linkOf(value);
		const source = link ? measured.get(link[0]) : undefined;
		return source ? [source] : [];
	});
	const isFirst = (beyond: (measures: Measures) => boolean) => beyond(own) && !sources.some(beyond);
	const { maxBatch } = policy;
	const problems: SafetyProblem[] = [];
	if (maxBatch !== null && isFirst(({ count }) => count > maxBatch))
		problems.push(problemAt(id, node, null, `makes a batch of up to ${own.count} pictures; at most ${maxBatch} are allowed`));
	if (isFirst(({ parts }) => parts > maxParts))
		problems.push(problemAt(id, node, null, `joins ${own.parts} conditionings; at most ${maxParts} are allowed`));
	return problems;
}

function countNodes({ graph, policy }: Judged, ids: string[]): SafetyProblem[] {
	const count = (classes: ReadonlySet<string>, most: number | null, what: string) => {
		const found = ids.filter((id) => classes.has(nodeAt(graph, id)?.class_type ?? ""));
		const extra = most === null ? undefined : found[most];
		const node = extra === undefined ? undefined : nodeAt(graph, extra);
		return extra === undefined || !node
			? []
			: [problemAt(extra, node, null, `is one of ${found.length} ${what}; at most ${most} are allowed`)];
	};
	return [
		...count(samplers, policy.maxSamplers, "sampling nodes"),
		...count(stacked, maxStacked, "LoRAs, ControlNets and other nodes that add to every step"),
	];
}
