import { expect, test } from "vitest";
import { describeExecutionError, describeForLog } from "./failures.ts";

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
