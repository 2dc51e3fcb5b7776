import type { ApiGraph } from "../../engines/apiGraph.ts";
import type { NodeCatalogue } from "../../engines/nodeCatalogue.ts";
import { modelFileInputs, pictureInputs } from "./coreNodeClasses.ts";
import { inputAt, nodeAt, sortIds } from "./graphLinks.ts";

/** What must be installed for a graph to run. */
export interface GraphNeeds {
	classes: string[];
	/** Files of models by the class and input that name them; each once. */
	files: { class: string; input: string; file: string }[];
}

/** Literals that name files: of the classes we know, and, with a catalogue, of every input whose choices are files. */
export function graphNeeds(graph: ApiGraph, nodes: NodeCatalogue | null): GraphNeeds {
	const classes = new Set<string>();
	const files = new Map<string, GraphNeeds["files"][number]>();
	for (const id of sortIds(Object.keys(graph))) {
		const node = nodeAt(graph, id);
		if (!node) continue;
		classes.add(node.class_type);
		for (const input of fileInputsOf(node.class_type, nodes)) {
			const file = inputAt(node, input);
			if (typeof file === "string" && file !== "")
				files.set(JSON.stringify([node.class_type, input, file]), { class: node.class_type, input, file });
		}
	}
	return { classes: [...classes].sort(), files: [...files.values()] };
}

function fileInputsOf(name: string, nodes: NodeCatalogue | null): string[] {
	if (Object.hasOwn(pictureInputs, name)) return [];
	const known = Object.hasOwn(modelFileInputs, name) ? (modelFileInputs[name] ?? []) : [];
	const listed = nodes?.get(name)?.inputs.filter((input) => input.options?.some((option) => looksLikeFile(option)) && !input.upload) ?? [];
	return [...new Set([...known, ...listed.map((input) => input.name)])];
}

function looksLikeFile(option: string | number | boolean): boolean {
	return typeof option === "string" && /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i.test(option);
}

/** Everything of an engine that a graph may require, as names that requirements are looked up in. */
export function graphParts(nodes: NodeCatalogue): string[] {
	const files = [...nodes].flatMap(([name, { inputs }]) => {
		const naming = fileInputsOf(name, nodes);
		return inputs.flatMap((input) => (naming.includes(input.name) ? (input.options ?? []) : []));
	});
	return [...new Set([...[...nodes.keys()].map(nodePart), ...files.map((file) => filePart(String(file)))])];
}

/** The same of one graph. Files count where some engine says which it has; while none says anything, those that only can be files. */
export function graphRequires(graph: ApiGraph, nodes: NodeCatalogue | null): string[] {
	const { classes, files } = graphNeeds(graph, nodes);
	const optionsOf = (name: string, input: string) => nodes?.get(name)?.inputs.find((entry) => entry.name === input)?.options;
	const judged = files.filter((each) => (nodes ? Boolean(optionsOf(each.class, each.input)) : looksLikeFile(each.file)));
	return [...new Set([...classes.map(nodePart), ...judged.map(({ file }) => filePart(file))])];
}

const nodePart = (name: string) => `node:${name}`;
const filePart = (file: string) => `file:${file}`;

/** What of it an engine lacks. A file is missing only where the engine says what it has. */
export function missingFrom(needs: GraphNeeds, nodes: NodeCatalogue): { nodes: string[]; files: string[] } {
	const missing = needs.files.filter(({ class: name, input, file }) => {
		const options = nodes.get(name)?.inputs.find((entry) => entry.name === input)?.options;
		return options !== undefined && options !== null && !options.includes(file);
	});
	return { nodes: needs.classes.filter((name) => !nodes.has(name)), files: [...new Set(missing.map(({ file }) => file))] };
}
