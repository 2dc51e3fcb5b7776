import type { ApiGraph } from "../../domain/engines/apiGraph.ts";
import { GlassworksError } from "../../domain/errors.ts";
import { asArray, asNumber, asObject, asText, type Json, type JsonObject } from "../../domain/json.ts";

/**
 * What a tenant may be told of a graph that the server did not take. `body` is the answer to POST /prompt, which may hold paths, a traceback
 * and the names of every installed model: only node titles, input names and limits are taken from it.
 */
export function describeRefusal(body: JsonObject, graph: ApiGraph): GlassworksError {
	const error = asObject(body.error);
	if (error.type === "missing_node_type") return describeMissingNode(asObject(error.extra_info), graph);
	const problems = Object.entries(asObject(body.node_errors)).flatMap(([nodeId, described]) => {
		const { errors, class_type: classType } = asObject(described);
		return asArray(errors).map((problem) => ({ nodeId, classType: asText(classType) ?? "", problem: asObject(problem) }));
	});
	const missing = problems.find(({ classType, problem }) => isMissingFile(classType, problem));
	if (missing) {
		const asked = fileName(asObject(missing.problem.extra_info).received_value);
		const message = `A model file that "${titleOf(graph, missing.nodeId)}" loads is not installed${asked ? `: ${asked}` : ""}.`;
		return new GlassworksError("model_missing", message, asked ? { files: [asked] } : {});
	}
	if (problems.length === 0) return new GlassworksError("engine_invalid", describeGraphError(asText(error.type)));
	const told = problems.slice(0, 5).map(({ nodeId, problem }) => `${titleOf(graph, nodeId)}: ${describeProblem(problem)}`);
	return new GlassworksError("engine_invalid", `The engine refused the graph. ${told.join("; ")}.`);
}

/** What a tenant may be told of a node that failed while it ran. `error` is what `execution_error` said. */
export function describeExecutionError(error: JsonObject, graph: ApiGraph): GlassworksError {
	const node = titleOf(graph, asText(error.node_id) ?? "");
	if (isOutOfMemory(error)) return new GlassworksError("out_of_memory", `The engine ran out of memory in "${node}".`);
	return new GlassworksError("internal", `The engine failed in "${node}".`);
}

/** What the operator's log may hold of it: never a prompt, nor the values that went into the node. */
export function describeForLog(error: JsonObject, graph: ApiGraph): JsonObject {
	return {
		nodeType: asText(error.node_type),
		exceptionType: asText(error.exception_type),
		exceptionMessage: withoutTexts(asText(error.exception_message) ?? "", graph).slice(0, 500),
		traceback: asArray(error.traceback)
			.slice(-5)
			.map((line) => withoutTexts(String(line), graph)),
	};
}

function describeMissingNode({ class_type: classType, node_id: nodeId }: JsonObject, graph: ApiGraph): GlassworksError {
	const name = asText(classType);
	if (name === null) return new GlassworksError("engine_invalid", `"${titleOf(graph, asText(nodeId) ?? "")}" has no class_type.`);
	return new GlassworksError("model_missing", `The engine does not have the node ${name}.`, { node: name });
}

/** A loader's choice of a file. A choice that is none, as a sampler's name, is the graph's mistake. */
function isMissingFile(classType: string, { type, extra_info: info }: JsonObject): boolean {
	if (type !== "value_not_in_list") return false;
	const { input_name: input, received_value: value } = asObject(info);
	return isModelFile(asText(value) ?? "") || (/load/i.test(classType) && /_name\d*$/.test(asText(input) ?? ""));
}

function isModelFile(value: string): boolean {
	return /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i.test(value);
}

function fileName(value: Json | undefined): string | null {
	const name = asText(value)?.split(/[\\/]/).at(-1);
	return name ? name.slice(0, 200) : null;
}

function isOutOfMemory({ exception_type: type, exception_message: message }: JsonObject): boolean {
	if (/(^|\.)(OutOfMemoryError|MemoryError)$/.test(asText(type) ?? "")) return true;
	return /out of memory|not enough memory/i.test(asText(message) ?? "");
}

/** Python's words for ENOSPC and EDQUOT, whatever node met them. */
export function isDiskFull({ exception_type: type, exception_message: message }: JsonObject): boolean {
	return /(^|\.)OSError$/.test(asText(type) ?? "") && /no space left on device|disk quota exceeded/i.test(asText(message) ?? "");
}

function describeGraphError(type: string | null): string {
	switch (type) {
		case "prompt_no_outputs":
			return "The graph has no node that makes a picture.";
		default:
			return "The engine refused the graph.";
	}
}

/** Custom nodes make up sentences of their own, which may hold anything: theirs are not repeated. */
function describeProblem({ type, extra_info: info }: JsonObject): string {
	const { input_name: name, input_config: config } = asObject(info);
	const input = asText(name) ?? "an input";
	const limits = asObject(asArray(config)[1]);
	switch (type) {
		case "required_input_missing":
			return `${input} is missing`;
		case "invalid_input_type":
			return `${input} is not of the right type`;
		case "value_smaller_than_min":
			return `${input} is below the smallest allowed${describeLimit(limits.min)}`;
		case "value_bigger_than_max":
			return `${input} is above the largest allowed${describeLimit(limits.max)}`;
		case "value_not_in_list":
			return `${input} is not one of the choices`;
		case "return_type_mismatch":
			return `${input} is linked to an output of another type`;
		case "bad_linked_input":
		case "exception_during_inner_validation":
			return `${input} is linked to something that is not there`;
		case "dependency_cycle":
			return "it depends on itself";
		case "custom_validation_failed":
			return `${input} was not accepted`;
		default:
			return "it was not accepted";
	}
}

function describeLimit(limit: Json | undefined): string {
	const number = asNumber(limit);
	return number === null ? "" : ` (${number})`;
}

/** As its author calls it. */
function titleOf(graph: ApiGraph, nodeId: string): string {
	const node = graph[nodeId];
	return (node?._meta?.title || node?.class_type || "a node").slice(0, 80);
}

/** Texts of the graph are what somebody wrote: prompts. */
function withoutTexts(line: string, graph: ApiGraph): string {
	const texts = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs).filter((value) => typeof value === "string"));
	return texts.filter((text) => text.length > 2 && !isModelFile(text)).reduce((left, text) => left.replaceAll(text, "[removed]"), line);
}
