import type { NodeCatalogue, NodeClass } from "../../../domain/engines/nodeCatalogue.ts";
import type { Json } from "../../../domain/json.ts";
import type { Size } from "./drawing.ts";
import type { Graph } from "./graph.ts";
import type { Link } from "./nodeTypes.ts";

/**
 * Nodes that make a kind of map from a picture, best first. All but `Canny` come with comfyui_controlnet_aux, whose nodes take the picture as
 * `image`, most also `resolution`, and have defaults for the rest.
 */
const makers: Record<string, readonly string[]> = {
	canny: ["Canny", "CannyEdgePreprocessor"],
	depth: ["DepthAnythingV2Preprocessor", "DepthAnythingPreprocessor", "Zoe-DepthMapPreprocessor", "MiDaS-DepthMapPreprocessor"],
	openpose: ["DWPreprocessor", "OpenposePreprocessor"],
	lineart: ["LineArtPreprocessor"],
	lineart_anime: ["AnimeLineArtPreprocessor"],
	softedge: ["HEDPreprocessor", "PiDiNetPreprocessor"],
	scribble: ["ScribblePreprocessor", "FakeScribblePreprocessor"],
	mlsd: ["M-LSDPreprocessor"],
	normal: ["BAE-NormalMapPreprocessor", "MiDaS-NormalMapPreprocessor"],
	seg: ["OneFormer-ADE20K-SemSegPreprocessor", "UniFormer-SemSegPreprocessor"],
	tile: ["TilePreprocessor"],
};

/** The custom nodes that make every kind we know. */
export const preprocessorNodes = "comfyui_controlnet_aux";

/** Kinds of maps that this server can make by itself. */
export function listPreprocessors(nodes: NodeCatalogue): string[] {
	return Object.keys(makers).filter((kind) => findMaker(nodes, kind) !== null);
}

/** A map of that kind, about as fine as the drawing; null when the server has no node for it. */
export function preprocess(
	graph: Graph,
	nodes: NodeCatalogue,
	kind: string,
	image: Link<"IMAGE">,
	{ title, size }: { title: string; size: Size },
) {
	const maker = findMaker(nodes, kind);
	if (!maker) return null;
	// Its thresholds are the node's defaults, written out because they are required.
	if (maker.name === "Canny") return graph.add(title, "Canny", { image, low_threshold: 0.4, high_threshold: 0.8 })[0];
	const node = graph.addNamed(title, maker.name, { ...defaultsOf(maker), ...resolutionOf(maker, size), image });
	const output = maker.outputs.findIndex(({ type }) => type === "IMAGE");
	return { node, output, socket: "IMAGE" } satisfies Link<"IMAGE">;
}

/** The first node that takes a picture as `image`, gives one, and needs nothing else linked to it. */
function findMaker(nodes: NodeCatalogue, kind: string): NodeClass | null {
	const names = Object.hasOwn(makers, kind) ? (makers[kind] ?? []) : [];
	const classes = names.flatMap((name) => nodes.get(name) ?? []);
	return classes.find((each) => canMake(each)) ?? null;
}

function canMake({ inputs, outputs }: NodeClass): boolean {
	const required = inputs.filter((input) => input.required && input.name !== "image" && defaultOf(input) === undefined);
	return (
		required.length === 0 &&
		inputs.some(({ name, type }) => name === "image" && type === "IMAGE") &&
		outputs.some(({ type }) => type === "IMAGE")
	);
}

function defaultsOf({ inputs }: NodeClass): Record<string, Json> {
	const others = inputs.filter(({ name, required }) => required && name !== "image");
	return Object.fromEntries(others.map((input) => [input.name, defaultOf(input) ?? null]));
}

/** What the frontend would put there: the default, or the first of the choices. */
function defaultOf({ default: given, options }: NodeClass["inputs"][number]): Json | undefined {
	return given ?? options?.[0];
}

/** Length of the map's shorter side: the drawing's, in steps of 64 as these nodes take it. */
function resolutionOf({ inputs }: NodeClass, { widthPx, heightPx }: Size): Record<string, Json> {
	const resolution = inputs.find(({ name, type }) => name === "resolution" && type === "INT");
	if (!resolution) return {};
	const wanted = Math.round(Math.min(widthPx, heightPx) / 64) * 64;
	return { resolution: Math.min(Math.max(wanted, resolution.min ?? 64), resolution.max ?? wanted) };
}
