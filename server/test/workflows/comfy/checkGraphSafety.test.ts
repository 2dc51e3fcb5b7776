import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiGraph, apiGraph } from "../../../src/domain/engines/apiGraph.ts";
import { readNodeCatalogue } from "../../../src/domain/engines/nodeCatalogue.ts";
import { checkGraphSafety } from "../../../src/domain/workflows/comfy/checkGraphSafety.ts";
import { narrowInputs } from "../../../src/domain/workflows/comfy/checkInputs.ts";
import { coreNodeClasses, modelFileInputs, pictureInputs } from "../../../src/domain/workflows/comfy/coreNodeClasses.ts";
import { type ExposedInput, exposedInput } from "../../../src/domain/workflows/comfy/exposedInput.ts";
import { findInputs } from "../../../src/domain/workflows/comfy/findInputs.ts";
import { graphNeeds, missingFrom } from "../../../src/domain/workflows/comfy/graphNeeds.ts";
import type { GraphPolicy } from "../../../src/domain/workflows/comfy/graphPolicy.ts";
import { reasonRefused, refusedNodeClasses } from "../../../src/domain/workflows/comfy/refusedNodeClasses.ts";

const folder = new URL("../../data/comfyui/", import.meta.url);
const read = (name: string) => JSON.parse(fs.readFileSync(new URL(name, folder), "utf8"));
const nodes = readNodeCatalogue(read("object_info.json"));
const files = fs.readdirSync(new URL("graphs/", folder)).filter((file) => !file.startsWith("_"));
const graphs = new Map(files.map((file) => [file, apiGraph.parse(read(`graphs/${file}`))]));
const plain = graphs.get("sdxl-t2i.json") as ApiGraph;

const policy: GraphPolicy = {
	allowedClasses: coreNodeClasses,
	allowedFiles: new Set([...graphs.values()].flatMap((graph) => graphNeeds(graph, nodes).files.map(({ file }) => file))),
	maxSidePx: 1024,
	maxSteps: 40,
	maxBatch: 4,
	maxSamplers: 2,
	inputs: [],
	assets: [],
};

/** The faults of the plain graph with nodes added or changed, as "node input: message". */
function faults(
	change: Record<string, { class_type?: string; inputs?: object; title?: string }>,
	more: Partial<GraphPolicy> = {},
): string[] {
	const graph = structuredClone(plain) as Record<string, { class_type: string; inputs: object }>;
	for (const [id, { class_type, inputs, title }] of Object.entries(change)) {
		const old = graph[id];
		graph[id] = {
			...old,
			class_type: class_type ?? old?.class_type ?? "",
			inputs: { ...old?.inputs, ...inputs },
			...(title && { _meta: { title } }),
		};
	}
	return checkGraphSafety(apiGraph.parse(graph), { ...policy, ...more }).map(({ message }) => message);
}
const field = (input: Partial<ExposedInput>) => exposedInput.parse({ name: "given", title: "Given", ...input });

test("every class of ComfyUI's own is decided, once, and every loader that is allowed has its file input guarded", () => {
	const all: string[] = read("node-names-0.33.0.json");
	// Two that the recording server had for its own tests.
	const own = all.filter((name) => !["H1Raise", "H1Slow"].includes(name));
	expect(own.filter((name) => coreNodeClasses.has(name) === refusedNodeClasses.has(name))).toEqual([]);
	expect([...coreNodeClasses, ...refusedNodeClasses].filter((name) => !own.includes(name))).toEqual([]);
	for (const name of [...Object.keys(modelFileInputs), ...Object.keys(pictureInputs)]) expect(coreNodeClasses).toContain(name);
	for (const [name, described] of nodes)
		for (const input of coreNodeClasses.has(name) ? described.inputs : [])
			if (input.options?.some((option) => typeof option === "string" && /\.(safetensors|pth|ckpt)$/.test(option)))
				expect(modelFileInputs[name]).toContain(input.name);
});

describe("graphs that people run are allowed, with their fields narrowed to the plan", () => {
	test.each(files.filter((file) => file !== "sdxl-hires-fix.json"))("%s", (file) => {
		const graph = graphs.get(file) as ApiGraph;
		const inputs = narrowInputs(findInputs(graph, nodes), graph, policy);
		expect(checkGraphSafety(graph, { ...policy, inputs })).toEqual([]);
	});

	test("drawing over an enlarged picture counts with its enlarged size", () => {
		const graph = graphs.get("sdxl-hires-fix.json") as ApiGraph;
		const images = { ...policy, inputs: narrowInputs(findInputs(graph, nodes), graph, policy) };
		expect(checkGraphSafety(graph, images).map(({ message }) => message)).toEqual([
			'node 21 "hires pass" (KSampler): draws up to 1536 px a side; at most 1024 is allowed here.',
		]);
		const narrow = { ...policy, maxSidePx: 1536, inputs: images.inputs };
		expect(checkGraphSafety(graph, narrow)).toEqual([]);
	});
});

describe("classes", () => {
	test("of others are refused until the operator allows them", () => {
		const custom = { "50": { class_type: "RunPython", inputs: { code: "1" }, title: "Trick" } };
		expect(faults(custom)).toEqual(['node 50 "Trick" (RunPython): nodes of this class are not allowed here.']);
		expect(faults(custom, { allowedClasses: new Set([...coreNodeClasses, "RunPython"]) })).toEqual([]);
	});

	test.each([
		"LoadImageOutput",
		"LoadLatent",
		"SaveLatent",
		"GLSLShader",
		"WebcamCapture",
		"SaveImageWebsocket",
		"TrainLoraNode",
		"StringConcatenate",
		"RegexReplace",
	])("%s is refused with its reason", (name) => {
		expect(faults({ "50": { class_type: name } })).toEqual([
			`node 50 (${name}): nodes of this class are not allowed: ${reasonRefused(name)}.`,
		]);
	});

	test("whatever classes are drawn, a graph with one that is not allowed is never let through", () => {
		const some = fc.constantFrom(...coreNodeClasses, ...refusedNodeClasses, "Mine", "constructor", "__proto__", "ksampler");
		fc.assert(
			fc.property(
				fc.array(some, { minLength: 1, maxLength: 12 }),
				fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }),
				(classes, links) => {
					const graph = Object.fromEntries(
						classes.map((class_type, id) => [String(id), { class_type, inputs: {} as Record<string, [string, number]> }]),
					);
					for (const [at, [to, from]] of links.entries()) {
						const node = graph[String(to)];
						if (node) node.inputs[`in${at}`] = [String(from), 0];
					}
					const problems = checkGraphSafety(apiGraph.parse(graph), policy);
					const denied = Object.entries(graph).filter(([, { class_type }]) => !coreNodeClasses.has(class_type));
					for (const [id] of denied) expect(problems.some((problem) => problem.node === id && problem.input === null)).toBe(true);
				},
			),
			{ numRuns: 400 },
		);
	});
});

describe("files", () => {
	test("of models outside the plan are refused without naming what is installed", () => {
		const [fault] = faults({ "4": { inputs: { ckpt_name: "secret.safetensors" } } });
		expect(fault).toBe(
			'node 4 "checkpoint" (CheckpointLoaderSimple), input ckpt_name: "secret.safetensors" is no file of a model that the plan includes.',
		);
		for (const file of policy.allowedFiles) expect(fault).not.toContain(file);
	});

	test.each([
		["an absent value's wrapping", { __value__: "secret.safetensors" }],
		["another type", 5],
		["another node's output", ["6", 0]],
	])("as %s", (_, ckpt_name) => {
		expect(faults({ "4": { inputs: { ckpt_name } } })).toEqual([expect.stringContaining("input ckpt_name: ")]);
	});

	test("in inputs of other classes are recognised by name and by ending", () => {
		const allowedClasses = new Set([...coreNodeClasses, "FancyLoader"]);
		const fancy = (inputs: object) => faults({ "50": { class_type: "FancyLoader", inputs } }, { allowedClasses });
		expect(fancy({ lora_name_2: "x" })).toHaveLength(1);
		expect(fancy({ weights: "x.gguf" })).toHaveLength(1);
		expect(fancy({ weights: { __value__: ["x.gguf"] } })).toHaveLength(1);
		expect(fancy({ picture: "someone-elses.png" })).toEqual([expect.stringContaining("names a file")]);
		expect(fancy({ model: ["4", 0], weights: "sharp" })).toEqual([]);
	});

	test("that a field offers must be in the plan too, and a text cannot choose one", () => {
		const offer = (input: Partial<ExposedInput>) =>
			faults({}, { inputs: [field({ bindings: [{ node: "4", input: "ckpt_name" }], ...input })] });
		expect(offer({ type: "choice", options: ["sd_xl_base_1.0.safetensors"] })).toEqual([]);
		expect(offer({ type: "choice", options: ["sd_xl_base_1.0.safetensors", "secret.safetensors"] })).toEqual([
			expect.stringContaining("the field given offers it"),
		]);
		expect(offer({ type: "text" })).toEqual([expect.stringContaining("the field given must be a choice")]);
	});
});

describe("pictures and paths", () => {
	const load = (image: unknown) => ({ "30": { class_type: "LoadImage", inputs: { image } } });

	test("a picture's name of the engine is refused; a field or an author's asset is not", () => {
		expect(faults(load("in.png"))).toEqual([
			expect.stringContaining("node 30 (LoadImage), input image: names a file on the engine; make it a picture field"),
		]);
		const bindings = [{ node: "30", input: "image" }];
		expect(faults(load("in.png"), { inputs: [field({ type: "picture", bindings })] })).toEqual([]);
		expect(faults(load("in.png"), { assets: bindings })).toEqual([]);
		expect(faults(load("in.png"), { inputs: [field({ type: "text", bindings })] })).toEqual([
			expect.stringContaining("takes a picture, and the field given is a text"),
		]);
		expect(faults(load(["6", 0]))).toHaveLength(1);
	});

	test.each([
		"/etc/passwd",
		"..\\..\\x",
		"a/../../x",
		"C:\\x",
		"~/x",
		"https://example.org/x",
		"data:image/png;base64,AA",
		"in.png [output]",
		"in.png [TEMP] ",
		"a\u0000b",
	])("%j is refused wherever a plain name belongs", (value) => {
		expect(faults({ "3": { inputs: { scheduler: value } } })).toEqual([
			expect.stringContaining('node 3 "sampler" (KSampler), input scheduler: '),
		]);
		expect(faults({ "3": { inputs: { scheduler: { __value__: [value] } } } })).toHaveLength(1);
		expect(faults({ "9": { inputs: { filename_prefix: value } } })).toEqual([expect.stringContaining("must be a plain name")]);
	});

	test("a prompt may hold what looks like a path", () => {
		expect(faults({ "6": { inputs: { text: "a sign that says https://example.org/../etc" } } })).toEqual([]);
	});

	test("names of saved pictures stay plain and are nobody's field", () => {
		for (const prefix of ["out", "series/out", "%date:yyyy-MM-dd%/%KSampler.seed%", "Bilder/Größe 1"])
			expect(faults({ "9": { inputs: { filename_prefix: prefix } } })).toEqual([]);
		expect(faults({ "9": { inputs: { filename_prefix: ["6", 0] } } })).toHaveLength(1);
		const inputs = [field({ type: "text", bindings: [{ node: "9", input: "filename_prefix" }] })];
		expect(faults({}, { inputs })).toEqual([expect.stringContaining("cannot be a field")]);
	});

	test("a field of free text fills only texts that people write", () => {
		expect(faults({}, { inputs: [field({ type: "text", bindings: [{ node: "3", input: "sampler_name" }] })] })).toEqual([
			expect.stringContaining("must be a choice"),
		]);
		expect(faults({}, { inputs: [field({ type: "text", bindings: [{ node: "6", input: "text" }] })] })).toEqual([]);
	});
});

describe("sizes, steps and batches", () => {
	test("beyond the plan are refused where they stand", () => {
		expect(faults({ "5": { inputs: { height: 2048 } } })).toEqual([
			'node 5 "latent" (EmptyLatentImage), input height: draws up to 2048 px a side; at most 1024 is allowed here.',
		]);
		expect(faults({ "3": { inputs: { steps: 41 } } })).toEqual([
			'node 3 "sampler" (KSampler), input steps: can be 41; at most 40 is allowed.',
		]);
		expect(faults({ "5": { inputs: { batch_size: 5 } } })).toEqual([expect.stringContaining("batch of up to 5 pictures; at most 4")]);
	});

	test.each<[string, object]>([
		["texts that are numbers", { width: "2048" }],
		["wrapped numbers", { width: { __value__: 2048 } }],
		["what is no number", { width: "1_000_000" }],
		["a primitive behind a link", { width: ["60", 0] }],
	])("written as %s count all the same", (_, inputs) => {
		expect(faults({ "5": { inputs }, "60": { class_type: "PrimitiveInt", inputs: { value: 4096 } } }).length).toBeGreaterThan(0);
	});

	test("that a field may be given count, also through a primitive", () => {
		const wide = field({ type: "integer", min: 64, max: 4096, bindings: [{ node: "60", input: "value" }] });
		const through = { "5": { inputs: { width: ["60", 0] } }, "60": { class_type: "PrimitiveInt", inputs: { value: 512 } } };
		expect(faults(through)).toEqual([]);
		expect(faults(through, { inputs: [wide] })).toContainEqual(expect.stringContaining("draws up to 4096 px"));
		const steps = field({ type: "integer", min: 1, bindings: [{ node: "3", input: "steps" }] });
		expect(faults({}, { inputs: [steps] })).toEqual([expect.stringContaining("can be any number; at most 40")]);
	});

	test("are not made smaller by inputs that a node does not have, nor by taking one number for another", () => {
		const enlarged = { class_type: "ImageScaleBy", inputs: { image: ["8", 0], upscale_method: "area", scale_by: 8, width: 8, height: 8 } };
		expect(faults({ "20": enlarged })).toEqual([expect.stringMatching(/^node 20 .* makes up to 8192 px/)]);
		const size = { class_type: "GetImageSize", inputs: { image: ["8", 0] } };
		const batch = (batch_size: unknown) =>
			faults({ "20": size, "21": { class_type: "EmptyImage", inputs: { width: 8, height: 8, batch_size, color: 0 } } });
		expect(batch(["20", 2])).toEqual([]);
		expect(batch(["20", 0])).toEqual([expect.stringMatching(/^node 21 .* batch of up to 1024/)]);
		// The size of an enlarged picture, through a node that only holds it.
		const far = { ...enlarged, inputs: { ...enlarged.inputs, scale_by: 4 } };
		const through = {
			"20": far,
			"21": { ...size, inputs: { image: ["20", 0] } },
			"22": { class_type: "PrimitiveInt", inputs: { value: ["21", 0] } },
		};
		const canvas = { class_type: "EmptyLatentImage", inputs: { width: ["22", 0], height: 64, batch_size: 1 } };
		const sampler = { ...plain["3"], inputs: { ...plain["3"]?.inputs, latent_image: ["31", 0] } };
		expect(faults({ ...through, "30": sampler, "31": canvas })).toContainEqual(expect.stringMatching(/^node 30 .* draws up to 4096 px/));
		const made = { "40": { class_type: "Maths", inputs: {} }, "5": { inputs: { width: ["40", 0] } } };
		expect(faults(made, { allowedClasses: new Set([...coreNodeClasses, "Maths"]) })).toEqual([
			expect.stringContaining("input width: must be a number of the graph"),
		]);
	});

	test("multiply along the graph: repeats of repeats, enlargements of enlargements", () => {
		const repeated = {
			"20": { class_type: "RepeatLatentBatch", inputs: { samples: ["5", 0], amount: 2 } },
			"21": { class_type: "RepeatLatentBatch", inputs: { samples: ["20", 0], amount: 3 } },
		};
		expect(faults(repeated)).toEqual([expect.stringMatching(/^node 21 .* batch of up to 6 pictures/)]);
		const enlarged = {
			"20": { class_type: "ImageScaleBy", inputs: { image: ["8", 0], upscale_method: "area", scale_by: 4 } },
			"21": { class_type: "ImageScaleBy", inputs: { image: ["20", 0], upscale_method: "area", scale_by: 2 } },
		};
		expect(faults(enlarged)).toEqual([expect.stringMatching(/^node 21 .* makes up to 8192 px a side; at most 4096/)]);
	});

	test("that double at each node are caught before they are large", () => {
		const doubling = (class_type: string, [a, b]: [string, string], first: string) =>
			Object.fromEntries(
				Array.from({ length: 40 }, (_, at) => [
					String(100 + at),
					{ class_type, inputs: { [a]: [at ? String(99 + at) : first, 0], [b]: [at ? String(99 + at) : first, 0] } },
				]),
			);
		expect(faults(doubling("ImageBatch", ["image1", "image2"], "8"))).toEqual([expect.stringMatching(/^node 102 .*batch of up to 8/)]);
		expect(faults(doubling("ConditioningCombine", ["conditioning_1", "conditioning_2"], "6"))).toEqual([
			expect.stringMatching(/^node 105 .*joins 64 conditionings/),
		]);
		expect(faults(doubling("ImageStitch", ["image1", "image2"], "8"))).toEqual([expect.stringMatching(/^node 102 .*makes up to 8192 px/)]);
	});

	test("that nothing in the graph bounds are refused", () => {
		const scale = {
			class_type: "ImageScale",
			inputs: { image: ["8", 0], upscale_method: "area", width: 1024, height: 0, crop: "disabled" },
		};
		const stitch = (match_image_size: unknown) => ({
			class_type: "ImageStitch",
			inputs: { image1: ["8", 0], image2: ["8", 0], match_image_size },
		});
		expect(faults({ "20": stitch(true) })).toEqual([expect.stringContaining("input match_image_size: must be false: a thin picture")]);
		expect(faults({ "20": stitch(false) })).toEqual([]);
		expect(faults({ "20": scale })).toEqual([expect.stringContaining("input height: can be 0, which lets the other side grow")]);
		expect(faults({ "3": { inputs: { steps: ["20", 0] } }, "20": { class_type: "GetImageSize", inputs: { image: ["8", 0] } } })).toEqual([
			expect.stringContaining("of a primitive node"),
		]);
		expect(faults({ "3": { inputs: { denoise: 1e-9 } } })).toEqual([
			expect.stringContaining("input denoise: can be 1e-9; it must be at least 0.01"),
		]);
		expect(
			faults({
				"20": { class_type: "GrowMask", inputs: { mask: ["21", 0], expand: -9_000 } },
				"21": { class_type: "SolidMask", inputs: { width: 64, height: 64 } },
			}),
		).toEqual([expect.stringContaining("can be 9000; at most 256")]);
	});

	test("more sampling nodes than the plan allows", () => {
		const more = Object.fromEntries(["20", "21"].map((id) => [id, { ...plain["3"] }]));
		expect(faults(more)).toEqual([expect.stringContaining("is one of 3 sampling nodes; at most 2")]);
	});

	test("stacks of LoRAs and ControlNets without end, and texts as long as books", () => {
		const stack = Object.fromEntries(
			Array.from({ length: 33 }, (_, at) => [
				String(100 + at),
				{ class_type: "PerturbedAttentionGuidance", inputs: { model: ["4", 0], scale: 3 } },
			]),
		);
		expect(faults(stack)).toEqual([expect.stringMatching(/^node 132 .* is one of 33 LoRAs, ControlNets/)]);
		expect(faults({ "6": { inputs: { text: "x".repeat(20_001) } } })).toEqual([
			expect.stringContaining("input text: is longer than 20000 characters"),
		]);
	});

	test("a chain as long as a graph may be is measured to its end, whichever end is met first", () => {
		const length = 1_990;
		for (const idOf of [(at: number) => String(100 + at), (at: number) => String(9_999 - at)]) {
			const chain = Object.fromEntries(
				Array.from({ length }, (_, at) => {
					const isLast = at === length - 1;
					const inputs = { image: [at === 0 ? "8" : idOf(at - 1), 0], ...(isLast && { scale_by: 8 }) };
					return [idOf(at), { class_type: isLast ? "ImageScaleBy" : "ImageInvert", inputs }];
				}),
			);
			expect(faults(chain)).toEqual([expect.stringMatching(/ImageScaleBy.*makes up to 8192 px/)]);
		}
	});

	test("have no bound for the owner, and graphs in a circle end the check all the same", () => {
		const free = { maxSidePx: null, maxSteps: null, maxBatch: null, maxSamplers: null };
		expect(faults({ "5": { inputs: { width: 16_384, batch_size: 64 } }, "3": { inputs: { steps: 999 } } }, free)).toEqual([]);
		expect(
			faults({
				"20": { class_type: "ImageBatch", inputs: { image1: ["21", 0], image2: ["21", 0] } },
				"21": { class_type: "ImageInvert", inputs: { image: ["20", 0] } },
			}),
		).toEqual([]);
	});
});

test("what a graph needs and an engine lacks can be said before it is queued", () => {
	const needs = graphNeeds(
		apiGraph.parse({
			...plain,
			"50": { class_type: "Fancy", inputs: {} },
			"51": { class_type: "LoraLoader", inputs: { lora_name: "mine.safetensors" } },
		}),
		nodes,
	);
	expect(needs.files).toContainEqual({ class: "CheckpointLoaderSimple", input: "ckpt_name", file: "sd_xl_base_1.0.safetensors" });
	expect(missingFrom(needs, nodes)).toEqual({ nodes: ["Fancy"], files: ["mine.safetensors"] });
	expect(graphNeeds(plain, null).files).toEqual(graphNeeds(plain, nodes).files);
	expect(graphNeeds(graphs.get("sdxl-img2img.json") as ApiGraph, nodes).files.map(({ input }) => input)).not.toContain("image");
});
