import type { ApiNode } from "../../engines/apiGraph.ts";
import type { ExposedType } from "./exposedInput.ts";
import { inputAt, titleOf } from "./graphLinks.ts";
import { type Candidate, snake } from "./inputNames.ts";

const prefix = "ComfyUIDeployExternal";

/** What the "External" nodes of comfyui-deploy stand for, and the input that holds their value. */
const kinds: Readonly<Record<string, { type: ExposedType; value: string[] }>> = {
	Text: { type: "text", value: ["default_value"] },
	TextAny: { type: "text", value: ["default_value"] },
	Number: { type: "number", value: ["default_value"] },
	NumberSlider: { type: "number", value: ["default_value"] },
	NumberInt: { type: "integer", value: ["default_value"] },
	NumberSliderInt: { type: "integer", value: ["default_value"] },
	Boolean: { type: "boolean", value: ["default_value"] },
	Seed: { type: "seed", value: ["default_value"] },
	Enum: { type: "choice", value: ["default_value"] },
	Image: { type: "picture", value: ["input_id"] },
	ImageAlpha: { type: "picture", value: ["input_id"] },
	Checkpoint: { type: "choice", value: ["default_value", "default_checkpoint_name"] },
	Lora: { type: "choice", value: ["default_value", "default_lora_name"] },
};

/** The field that a node of comfyui-deploy declares by its `input_id`; null for any other node, and for video, sound and lists. */
export function deployInput(id: string, node: ApiNode): Candidate | null {
	const kind = node.class_type.startsWith(prefix) ? node.class_type.slice(prefix.length) : "";
	if (!Object.hasOwn(kinds, kind)) return null;
	const { type, value } = kinds[kind] as { type: ExposedType; value: string[] };
	const input = value.find((name) => inputAt(node, name) !== undefined) ?? value[0] ?? "";
	const text = (name: string) => {
		const found = inputAt(node, name);
		return typeof found === "string" ? found.trim() : "";
	};
	const base = snake(text("input_id")) || `input_${snake(id)}`;
	const current = inputAt(node, input);
	const candidate: Candidate = {
		base,
		hint: "",
		type,
		title: (text("display_name") || text("input_id") || titleOf(node)).slice(0, 200),
		description: text("description").slice(0, 1_000),
		default: null,
		min: null,
		max: null,
		step: null,
		options: null,
		multiline: type === "text",
		bindings: [{ node: id, input }],
	};
	if (type === "choice") return withOptions(candidate, node, current);
	if (type === "text") return { ...candidate, default: typeof current === "string" ? current.slice(0, 20_000) : "" };
	if (type === "boolean") return { ...candidate, default: current === true };
	return type === "picture" ? candidate : withRange(candidate, node, current);
}

function withRange(candidate: Candidate, node: ApiNode, current: unknown): Candidate {
	const number = (name: string) => {
		const found = inputAt(node, name);
		return typeof found === "number" && (candidate.type === "number" || Number.isSafeInteger(found)) ? found : null;
	};
	const [min, max] = [number("min_value"), number("max_value")];
	const isRange = min === null || max === null || min <= max;
	const bounds = isRange ? { min, max } : { min: max, max: min };
	const fits = typeof current === "number" && current >= (bounds.min ?? current) && current <= (bounds.max ?? current);
	const isWhole = candidate.type === "number" || Number.isSafeInteger(current);
	return { ...candidate, ...bounds, default: candidate.type !== "seed" && fits && isWhole ? current : null };
}

/** Choices of files offer what the graph names; an Enum says its own, as a JSON list or one a line. */
function withOptions(candidate: Candidate, node: ApiNode, current: unknown): Candidate | null {
	const listed = inputAt(node, "options");
	const options = typeof listed === "string" ? readOptions(listed) : [];
	const chosen = typeof current === "string" && current !== "" ? current : options[0];
	if (chosen === undefined) return null;
	return { ...candidate, options: options.includes(chosen) ? options : [chosen, ...options], default: chosen };
}

function readOptions(text: string): string[] {
	let parts: unknown;
	try {
		parts = JSON.parse(text);
	} catch {
		parts = text.split("\n");
	}
	const known = Array.isArray(parts) ? parts.filter((part) => typeof part === "string").map((part) => part.trim()) : [];
	return [...new Set(known.filter((part) => part !== "" && part.length <= 500))].slice(0, 200);
}
