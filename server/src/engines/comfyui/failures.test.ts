import { expect, test } from "vitest";
import { describeExecutionError, describeForLog, describeRefusal } from "./failures.ts";

const prompt = "a lighthouse at dusk, nobody's business";
const graph = {
	"3": { class_type: "KSampler", inputs: { sampler_name: "euler" }, _meta: { title: "Sample" } },
	"4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "sd.safetensors" } },
	"6": { class_type: "CLIPTextEncode", inputs: { text: prompt } },
};

test("the operator's log tells what broke where, without the prompt that a node put into its error", () => {
	const error = {
		node_id: "6",
		node_type: "CLIPTextEncode",
		exception_type: "ValueError",
		exception_message: `cannot read: ${prompt} (loading sd.safetensors)`,
		traceback: ["line 1", `line 2: ${prompt}`],
		current_inputs: { text: [prompt] },
	};
	const logged = describeForLog(error, graph);
	expect(JSON.stringify(logged)).not.toContain("lighthouse");
	expect(logged).toMatchObject({ nodeType: "CLIPTextEncode", exceptionType: "ValueError" });
	expect(logged.exceptionMessage).toBe("cannot read: [removed] (loading sd.safetensors)");
});

test.each([
	["torch.OutOfMemoryError", "CUDA out of memory.", "out_of_memory"],
	["torch.cuda.OutOfMemoryError", "", "out_of_memory"],
	["MemoryError", "", "out_of_memory"],
	["RuntimeError", "[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes", "out_of_memory"],
	["RuntimeError", "MPS backend out of memory", "out_of_memory"],
	["MyOutOfMemoryErrorHandlerError", "", "internal"],
	["RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "internal"],
])("%s: %s is %s", (exception_type, exception_message, code) => {
	const told = describeExecutionError({ node_id: "3", exception_type, exception_message }, graph);
	expect(told.code).toBe(code);
	expect(told.message).toContain('"Sample"');
	if (exception_message) expect(told.message).not.toContain(exception_message);
});

test("an error without any of what it should have is still told", () => {
	expect(describeExecutionError({}, graph)).toMatchObject({ code: "internal", message: 'The engine failed in "a node".' });
});

test.each([
	["a sampler that is not one of the choices is the graph's mistake", "3", "KSampler", "sampler_name", "eulr", "engine_invalid"],
	["a loader's file is missing", "4", "CheckpointLoaderSimple", "ckpt_name", "sd", "model_missing"],
	["a file is missing that somebody's own node loads", "6", "MyNode", "which", "quantized/flux.gguf", "model_missing"],
])("%s", (_, node, class_type, input_name, received_value, code) => {
	const installed = ["private-model.safetensors", "euler"];
	const problem = {
		type: "value_not_in_list",
		details: `not in ${installed}`,
		extra_info: { input_name, input_config: [installed], received_value },
	};
	const told = describeRefusal(
		{ error: { type: "prompt_outputs_failed_validation" }, node_errors: { [node]: { errors: [problem], class_type } } },
		graph,
	);
	expect(told.code).toBe(code);
	expect(`${told.message}${JSON.stringify(told.data)}`).not.toMatch(/private-model|quantized/);
});
