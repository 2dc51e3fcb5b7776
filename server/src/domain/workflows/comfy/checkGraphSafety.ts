import type { ApiGraph, ApiNode } from "../../engines/apiGraph.ts";
import { checkCosts } from "./checkCosts.ts";
import { modelFileInputs, names, pictureInputs } from "./coreNodeClasses.ts";
import type { ExposedInput } from "./exposedInput.ts";
import { linkOf, nodeAt, shorten, sortIds } from "./graphLinks.ts";
import {
	baseName,
	type GraphPolicy,
	inputsOf,
	type Judged,
	judge,
	placeOf,
	problemAt,
	type SafetyProblem,
	switchClass,
	unwrap,
} from "./graphPolicy.ts";
import { reasonRefused } from "./refusedNodeClasses.ts";
import { mayGetSwitchedText } from "./switchedTexts.ts";

/**
 * Everything in a stranger's graph that the policy does not allow; empty: it may be queued. Classes are refused unless they are allowed.
 * The fields of `policy.inputs` count with all they may be given. The graph is one of readApiGraph; checkInputs has seen the fields.
 * See docs/decisions/0017.
 */
export function checkGraphSafety(graph: ApiGraph, policy: GraphPolicy): SafetyProblem[] {
	const judged = judge(graph, policy);
	const checked = sortIds(Object.keys(graph)).flatMap((id) => {
		const node = nodeAt(graph, id);
		return node ? checkNode(judged, id, node) : [];
	});
	return [...checked, ...checkCosts(judged)];
}

function checkNode(judged: Judged, id: string, node: ApiNode): SafetyProblem[] {
	if (!judged.policy.allowedClasses.has(node.class_type)) {
		const reason = reasonRefused(node.class_type);
		return [
			problemAt(id, node, null, reason ? `nodes of this class are not allowed: ${reason}` : "nodes of this class are not allowed here"),
		];
	}
	return inputsOf(judged, id, node).flatMap((input) => {
		const fault = faultOf(judged, id, node, input);
		return fault ? [problemAt(id, node, input, fault)] : [];
	});
}

function faultOf(judged: Judged, id: string, node: ApiNode, input: string): string | null {
	const field = judged.exposed.get(placeOf(id, input));
	const value = Object.hasOwn(node.inputs, input) ? unwrap(node.inputs[input]) : undefined;
	const kind = kindOf(node, input, value);
	if (kind !== "prose" && node.class_type !== switchClass && mayGetSwitchedText(judged, value))
		return "takes what a switch hands on, and a side of that is a text or comes from a node that is not ComfyUI's own";
	switch (kind) {
		case "picture":
			return faultOfPicture(judged.policy, id, input, field);
		case "file":
			return faultOfFile(judged.policy, input, value, field);
		case "prefix":
			if (field) return "is set by the server and cannot be a field";
			return isPlainPrefix(value) ? null : 'must be a plain name such as "out" or "series/out"';
		case "prose":
			if (field?.type === "picture") return "does not take a picture";
			return typeof value === "string" && value.length > maxText ? `is longer than ${maxText} characters` : null;
		default:
			return faultOfOther(node, value, field);
	}
}

/** Characters of a text: what a run may be given, too. */
const maxText = 20_000;

/** What an input is about, told by the table of known classes, else by its name and what stands there. */
function kindOf(node: ApiNode, input: string, value: unknown): "picture" | "file" | "prefix" | "prose" | "other" {
	const lists = (table: Readonly<Record<string, readonly string[]>>) =>
		Object.hasOwn(table, node.class_type) && table[node.class_type]?.includes(input);
	const name = baseName(input);
	if (lists(pictureInputs)) return "picture";
	if (lists(modelFileInputs)) return "file";
	if (name === "filename_prefix") return "prefix";
	if (proseNames.has(name)) return "prose";
	if (modelName.test(name) || (typeof value === "string" && modelFile.test(value))) return "file";
	return "other";
}

/** Texts that people write to be read or drawn: what looks like a path there is none. */
const proseNames = new Set(
	names`text text_g text_l text_positive text_negative clip_l clip_g t5xxl llama bert mt5xl prompt negative_prompt user_prompt positive
		negative string value instruction`,
);

const modelName =
	/^(ckpt|checkpoint|lora|vae|unet|clip|control_?net|model|network|upscaler?|embedding|gguf)s?(_model)?_?(name|file|path)?_?\d*$/i;
const modelFile = /\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|onnx|engine|pkl|yaml)\s*$/i;

const otherFile =
	/\.(png|jpe?g|webp|gif|bmp|tiff?|avif|exr|svg|mp4|webm|mov|mkv|wav|mp3|flac|json|txt|csv|latent|npy|npz|zip|glb|obj)\s*$/i;

function faultOfPicture(policy: GraphPolicy, id: string, input: string, field: ExposedInput | undefined): string | null {
	if (field) return field.type === "picture" ? null : `takes a picture, and the field ${field.name} is a ${field.type}`;
	const isAsset = policy.assets.some((asset) => asset.node === id && asset.input === input);
	return isAsset ? null : "names a file on the engine; make it a picture field of the workflow, or give it an uploaded picture";
}

function faultOfFile({ allowedFiles }: GraphPolicy, input: string, value: unknown, field: ExposedInput | undefined): string | null {
	if (field && field.type !== "choice") return `names a model's file, so the field ${field.name} must be a choice`;
	// `model` by a link is a network; a name by a link is a file that only the engine would see.
	if (linkOf(value)) return /(^|_)(name|file|path)_?\d*$/i.test(input) ? "must name its file itself, not take it from another node" : null;
	const candidates = [...(value === undefined ? [] : [value]), ...(field?.options ?? [])];
	const wrong = candidates.find((file) => typeof file !== "string" || !allowedFiles.has(file));
	if (wrong === undefined) return null;
	return `${quote(wrong)} is no file of a model that the plan includes${field ? `, and the field ${field.name} offers it` : ""}`;
}

function faultOfOther(node: ApiNode, value: unknown, field: ExposedInput | undefined): string | null {
	if (field?.type === "picture" && Object.hasOwn(pictureInputs, node.class_type)) return "does not take a picture";
	if (field?.type === "text") return `is no text that people write, so the field ${field.name} must be a choice`;
	for (const text of [...textsIn(value), ...(field?.options ?? [])]) {
		const path = typeof text === "string" ? pathIn(text) : null;
		if (path) return `${quote(text)} ${path}; only plain names are allowed`;
		if (typeof text === "string" && (modelFile.test(text) || otherFile.test(text)))
			return `${quote(text)} names a file; only a plain value is allowed here`;
	}
	return null;
}

/** Every text in a value, however deep: lists and wrapped values reach a node as they are. */
function textsIn(value: unknown): string[] {
	if (linkOf(value)) return [];
	if (typeof value === "string") return [value];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What makes a text a path or an address, as the end of a sentence; null: nothing does. */
function pathIn(text: string): string | null {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
	if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) return "holds control characters";
	const trimmed = text.trim();
	if (/^[/\\]/.test(trimmed)) return "is an absolute path";
	if (/^[a-z]:/i.test(trimmed)) return "names a drive";
	if (trimmed.startsWith("~")) return "names a home folder";
	if (trimmed.split(/[/\\]/).includes("..")) return "leads out of its folder";
	if (/^(data:|[a-z][a-z0-9+.-]*:\/\/)/i.test(trimmed)) return "is an address";
	return /\[(input|output|temp)\]$/i.test(trimmed) ? "names another folder of the engine" : null;
}

/** Date and size placeholders (`%date:yyyy%`) are plain; the engine's adapter sets its own prefix all the same. */
function isPlainPrefix(value: unknown): boolean {
	if (typeof value !== "string" || value.length > 200 || pathIn(value) !== null) return false;
	return /^[\p{L}\p{N} ._%()#+=,/-]*$/u.test(value.replace(/%[^%/\\]*%/g, ""));
}

function quote(value: unknown): string {
	return JSON.stringify(shorten(typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"), 100));
}
