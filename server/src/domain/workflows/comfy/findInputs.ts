import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import type { NodeCatalogue } from "../../engines/nodeCatalogue.ts";
import { pictureInputs } from "./coreNodeClasses.ts";
import { deployInput } from "./deployInput.ts";
import type { ExposedInput } from "./exposedInput.ts";
import { describeInput, findHolder, type Place, placeKey } from "./findPlace.ts";
import { foldGraph } from "./foldGraph.ts";
import { inputAt, linkOf, nodeAt, sortIds } from "./graphLinks.ts";
import { type Candidate, nameInputs } from "./inputNames.ts";
import { rankSamplers, textInputs, traceText } from "./traceText.ts";

const most = 60;

/**
 * What of a graph is worth giving at each run: prompts, pictures, sizes, seeds, steps, guidance, LoRAs, checkpoints, and whatever its author
 * marked with nodes that only hold a value. A proposal: the author renames, narrows and drops. The same for the same graph, however its
 * nodes are ordered. Choices of files offer only the file that the graph names: which others a tenant may choose is not for a graph to say.
 */
export function findInputs(graph: ApiGraph, nodes: NodeCatalogue): ExposedInput[] {
	const ids = sortIds(Object.keys(graph));
	const finding: Finding = { graph, nodes, ids, taken: new Set(), found: [] };
	for (const find of [findMarked, findTexts, findPictures, findNumbers, findFiles, findHolders]) find(finding);
	return nameInputs(finding.found);
}

interface Finding {
	graph: ApiGraph;
	nodes: NodeCatalogue;
	ids: string[];
	/** Places that a field was found for. */
	taken: Set<string>;
	found: Candidate[];
}

type Proposal = Pick<Candidate, "base" | "title" | "type"> & Partial<Candidate>;

/** Adds a field for an input, or for the node that only holds its value; joins one of its kind that holds the same, where `join` says so. */
function add(finding: Finding, at: Place, proposal: Proposal, join: boolean): void {
	const holder = findHolder(finding.graph, at);
	if (!holder || finding.taken.has(placeKey(holder))) return;
	const candidate = describeInput(finding, at, holder, proposal);
	if (!candidate) return;
	finding.taken.add(placeKey(holder));
	const value = inputAt(nodeAt(finding.graph, holder.node) as ApiNode, holder.input);
	const twin = join
		? finding.found.find(
				(other) => other.base === candidate.base && other.type === candidate.type && valuesOf(finding, other).some((one) => one === value),
			)
		: undefined;
	if (!twin || twin.bindings.length >= 50) {
		if (finding.found.length < most) finding.found.push(candidate);
	} else {
		twin.bindings.push(holder);
		twin.min = narrower(twin.min, candidate.min, Math.max);
		twin.max = narrower(twin.max, candidate.max, Math.min);
	}
}

function valuesOf({ graph }: Finding, { bindings }: Candidate): unknown[] {
	return bindings.map(({ node, input }) => inputAt(nodeAt(graph, node) as ApiNode, input));
}

function narrower(a: number | null, b: number | null, choose: (...numbers: number[]) => number): number | null {
	return a === null ? b : b === null ? a : choose(a, b);
}

/** Nodes of comfyui-deploy say themselves what they are. */
function findMarked({ graph, ids, taken, found }: Finding): void {
	for (const id of ids) {
		const node = nodeAt(graph, id);
		const candidate = node && deployInput(id, node);
		if (!candidate || found.length === most) continue;
		found.push(candidate);
		for (const binding of candidate.bindings) taken.add(placeKey(binding));
	}
}

function findTexts(finding: Finding): void {
	for (const [id, role] of traceText(finding.graph, finding.nodes)) {
		const proposal: Proposal =
			role === "positive"
				? { base: "prompt", title: "Prompt", type: "text", multiline: true }
				: { base: "negative_prompt", title: "Negative prompt", type: "text", multiline: true };
		for (const input of textInputs) add(finding, { node: id, input }, proposal, true);
	}
}

function findPictures(finding: Finding): void {
	const used = outputsUsed(finding.graph);
	for (const id of finding.ids) {
		const node = nodeAt(finding.graph, id);
		if (!node || !Object.hasOwn(pictureInputs, node.class_type)) continue;
		const outputs = used.get(id);
		const isMask = node.class_type === "LoadImageMask" || (outputs?.size === 1 && outputs.has(1));
		const proposal: Proposal = isMask
			? { base: "mask", title: "Mask", type: "picture" }
			: { base: "image", title: "Picture", type: "picture" };
		add(finding, { node: id, input: "image" }, proposal, false);
	}
}

/** Which outputs of each node others use: of a loaded picture, the second is its mask. */
function outputsUsed(graph: ApiGraph): Map<string, Set<number>> {
	const used = new Map<string, Set<number>>();
	for (const node of Object.values(graph))
		for (const value of Object.values(node.inputs)) {
			const link = linkOf(value);
			if (link) used.set(link[0], (used.get(link[0]) ?? new Set()).add(link[1]));
		}
	return used;
}

function findNumbers(finding: Finding): void {
	const { graph, ids } = finding;
	const canvases = ids.filter((id) => isCanvas(nodeAt(graph, id)));
	// Then the others that must follow the size: hints for the network, which hold the same number.
	const hints = ids.filter((id) => ["ModelSamplingFlux", "CLIPTextEncodeSDXL"].includes(nodeAt(graph, id)?.class_type ?? ""));
	for (const side of ["width", "height"] as const) {
		const proposal: Proposal = { base: side, title: side === "width" ? "Width" : "Height", type: "integer", min: 16, max: 4_096 };
		for (const id of canvases) add(finding, { node: id, input: side }, proposal, true);
		if (canvases.length > 0)
			for (const id of hints) for (const input of [side, `target_${side}`]) follow(finding, { node: id, input }, side);
	}
	for (const id of canvases)
		add(finding, { node: id, input: "batch_size" }, { base: "batch_size", title: "Pictures", type: "integer", max: 16 }, true);
	const order = [...rankSamplers(graph, finding.nodes), ...ids];
	// Whether a canvas lies behind a node, however far.
	const empty = foldGraph(graph, ids, false, (_, node, sources) => isCanvas(node) || sources.some(({ value }) => value));
	for (const id of new Set(order)) findSettings(finding, id, empty);
}

/** Adds a place to the field of that kind which holds the same value; does nothing when there is none. */
function follow(finding: Finding, at: Place, base: string): void {
	const node = nodeAt(finding.graph, at.node);
	const value = node && inputAt(node, at.input);
	const field = finding.found.find((one) => one.base === base && valuesOf(finding, one).includes(value));
	if (!field || value === undefined || linkOf(value) || field.bindings.length >= 50) return;
	field.bindings.push(at);
	finding.taken.add(placeKey(at));
}

function isCanvas(node: ApiNode | undefined): boolean {
	if (!node || !/Empty.*(Latent|Image)/.test(node.class_type)) return false;
	return inputAt(node, "width") !== undefined && inputAt(node, "height") !== undefined;
}

function findSettings(finding: Finding, id: string, empty: ReadonlyMap<string, boolean>): void {
	const node = nodeAt(finding.graph, id);
	if (!node) return;
	const at = (input: string): Place => ({ node: id, input });
	const noiseless = inputAt(node, "add_noise") === "disable";
	if (!noiseless)
		for (const input of ["seed", "noise_seed"]) add(finding, at(input), { base: "seed", title: "Seed", type: "seed", default: null }, true);
	add(finding, at("steps"), { base: "steps", title: "Steps", type: "integer", min: 1, max: 150 }, true);
	add(finding, at("cfg"), { base: "cfg", title: "Guidance (CFG)", type: "number", min: 0, max: 30 }, true);
	add(finding, at("guidance"), { base: "guidance", title: "Guidance", type: "number", min: 0, max: 30 }, true);
	const latent = linkOf(inputAt(node, "latent_image"));
	const startsEmpty = latent !== null && empty.get(latent[0]) === true;
	const denoise = inputAt(node, "denoise");
	if (!startsEmpty || (typeof denoise === "number" && denoise < 1))
		if (latent !== null || denoise !== 1)
			add(finding, at("denoise"), { base: "denoise", title: "Strength (denoise)", type: "number", min: 0.01, max: 1 }, false);
}

function findFiles(finding: Finding): void {
	for (const id of finding.ids) {
		const node = nodeAt(finding.graph, id);
		const lora = node && inputAt(node, "lora_name");
		if (typeof lora === "string") {
			const stem =
				lora
					.split(/[\\/]/)
					.at(-1)
					?.replace(/\.[a-z0-9]+$/i, "") ?? "";
			add(finding, { node: id, input: "lora_name" }, { base: "lora", title: "LoRA", type: "choice", hint: stem }, false);
			addStrength(finding, id, stem);
		}
		const checkpoint: Proposal = { base: "checkpoint", title: "Checkpoint", type: "choice" };
		for (const input of ["ckpt_name", "unet_name"]) add(finding, { node: id, input }, checkpoint, true);
	}
}

/** One strength for the network and its text encoder where the graph has one. */
function addStrength(finding: Finding, id: string, hint: string): void {
	const proposal: Proposal = { base: "lora_strength", title: "LoRA strength", type: "number", min: -2, max: 2, hint };
	const before = finding.found.length;
	add(finding, { node: id, input: "strength_model" }, proposal, false);
	const model = finding.found[before];
	const node = nodeAt(finding.graph, id);
	if (model && node && inputAt(node, "strength_clip") === inputAt(node, "strength_model")) {
		model.bindings.push({ node: id, input: "strength_clip" });
		finding.taken.add(placeKey({ node: id, input: "strength_clip" }));
	}
}

/** Nodes that hold a value and nothing else are made to be changed, whatever they feed. */
function findHolders(finding: Finding): void {
	const types = {
		PrimitiveInt: "integer",
		PrimitiveFloat: "number",
		PrimitiveBoolean: "boolean",
		PrimitiveString: "text",
		PrimitiveStringMultiline: "text",
	} as const;
	for (const id of finding.ids) {
		const name = nodeAt(finding.graph, id)?.class_type ?? "";
		if (!Object.hasOwn(types, name)) continue;
		const multiline = name === "PrimitiveStringMultiline";
		const type = types[name as keyof typeof types];
		add(finding, { node: id, input: "value" }, { base: "value", title: "Value", type, multiline }, false);
	}
}
