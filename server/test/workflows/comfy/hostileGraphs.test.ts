import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNodeCatalogue } from "../../../src/domain/engines/nodeCatalogue.ts";
import { GlassworksError } from "../../../src/domain/errors.ts";
import { convertUiGraph } from "../../../src/domain/workflows/comfy/convertUiGraph.ts";
import { readApiGraph } from "../../../src/domain/workflows/comfy/readApiGraph.ts";

const folder = new URL("../../data/comfyui/", import.meta.url);
const read = (name: string) => JSON.parse(fs.readFileSync(new URL(name, folder), "utf8"));
const nodes = readNodeCatalogue(read("object_info.json"));

/** Converts, or says why not; anything but our own error fails the test. */
function attempt(ui: unknown): string {
	try {
		const { graph } = convertUiGraph(ui, nodes);
		if (Object.keys(graph).length > 0) readApiGraph(graph);
		return "converted";
	} catch (error) {
		if (!(error instanceof GlassworksError)) throw error;
		expect(error.code).toBe("invalid_request");
		return error.message;
	}
}

const subgraph = (id: string, inside: string[], more: object = {}) => ({
	id,
	name: id,
	inputs: [],
	outputs: [],
	links: [],
	nodes: inside.map((type, at) => ({ id: at + 1, type, inputs: [], outputs: [] })),
	...more,
});
const host = (id: number, type: string) => ({ id, type, inputs: [], outputs: [] });

describe("a workflow made to break the reader is refused in words", () => {
	test("subgraphs that contain each other", () => {
		const subgraphs = [subgraph("a", ["b"]), subgraph("b", ["a"])];
		expect(attempt({ nodes: [host(1, "a")], links: [], definitions: { subgraphs } })).toBe('Subgraph "a" contains itself, at node 1:1:1.');
	});

	test("subgraphs more than ten deep", () => {
		const subgraphs = Array.from({ length: 12 }, (_, at) => subgraph(`s${at}`, [`s${at + 1}`]));
		expect(attempt({ nodes: [host(1, "s0")], links: [], definitions: { subgraphs } })).toMatch(/more than 10 deep/);
	});

	test("subgraphs that grow tenfold at each level", () => {
		const subgraphs = Array.from({ length: 9 }, (_, at) => subgraph(`s${at}`, Array(10).fill(`s${at + 1}`)));
		expect(attempt({ nodes: [host(1, "s0")], links: [], definitions: { subgraphs } })).toMatch(/more than 2000 nodes/);
	});

	test("two thousand and one nodes", () => {
		expect(attempt({ nodes: Array.from({ length: 2_001 }, (_, id) => host(id, "Note")), links: [] })).toMatch(/2001 nodes; at most 2000/);
	});

	test("thousands of inputs behind a chain of thousands of reroutes", () => {
		const chain = Array.from({ length: 1_900 }, (_, id) => ({
			id,
			type: "Reroute",
			inputs: [{ name: "", type: "*", link: id }],
			outputs: [],
		}));
		const links = chain.map(({ id }) => [id, id === 0 ? 1_899 : id - 1, 0, id, 0, "*"]);
		const many = Array.from({ length: 90 }, (_, at) => ({
			id: 5_000 + at,
			type: "KSampler",
			inputs: Array.from({ length: 500 }, (__, slot) => ({ name: `in${slot}`, type: `T${slot}`, link: 1_899 })),
			outputs: [],
		}));
		expect(attempt({ nodes: [...chain, ...many], links })).toMatch(/too tangled/);
	});

	test("lists a hundred thousand deep", () => {
		const deep = JSON.parse(`${"[".repeat(100_000)}1${"]".repeat(100_000)}`);
		expect(attempt({ nodes: [{ id: 1, type: "KSampler", widgets_values: deep }], links: [] })).toMatch(/64 deep/);
		expect(() => readApiGraph({ "1": { class_type: "KSampler", inputs: { seed: deep } } })).toThrow(/64 deep/);
	});

	test("ids and names that objects inherit", () => {
		const named = JSON.parse('{"__proto__": 5, "constructor": 6, "seed": 7}');
		const ui = {
			nodes: [{ id: 1, type: "KSampler", inputs: [{ name: "__proto__", link: 1 }], widgets_values: named }, host(2, "constructor")],
			links: [[1, 2, 0, 1, 0, "*"]],
		};
		const { graph } = convertUiGraph(ui, nodes);
		expect(graph["1"]?.inputs.seed).toBe(7);
		for (const name of ["__proto__", "constructor"]) expect(Object.keys(graph["1"]?.inputs ?? {})).not.toContain(name);
		expect(attempt({ nodes: [{ id: "__proto__", type: "KSampler" }], links: [] })).toMatch(/no usable id/);
	});

	test.each([
		null,
		5,
		"x",
		[],
		{},
		{ nodes: {} },
		{ nodes: [null] },
		{ nodes: [{ id: {} }] },
		{ nodes: [{ id: 1 }, { id: 1, type: "A" }] },
	])("%j", (ui) => {
		expect(attempt(ui)).not.toBe("converted");
	});
});

const id = fc.oneof(fc.integer({ min: -20, max: 6 }), fc.constantFrom("1", "x", "__proto__", "-10"));
const type = fc.constantFrom(
	"KSampler",
	"LoadImage",
	"CLIPTextEncode",
	"LoraLoader",
	"Reroute",
	"PrimitiveNode",
	"SetNode",
	"GetNode",
	"Note",
	"a",
	"b",
	"workflow>x",
	"*",
);
const slot = fc.record(
	{
		name: fc.constantFrom("model", "text", "seed", "constructor", ""),
		type: fc.oneof(type, fc.constant("*"), fc.integer()),
		link: fc.oneof(id, fc.constant(null)),
		widget: fc.oneof(fc.constant(undefined), fc.record({ name: fc.constantFrom("text", "seed") })),
	},
	{ requiredKeys: ["name"] },
);
const anyNode = fc.record(
	{
		id: fc.integer({ min: 1, max: 8 }),
		type,
		mode: fc.constantFrom(0, 2, 4, 9),
		inputs: fc.array(slot, { maxLength: 4 }),
		outputs: fc.array(slot, { maxLength: 2 }),
		widgets_values: fc.oneof(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 6 }), fc.jsonValue({ maxDepth: 1 })),
		properties: fc.oneof(
			fc.jsonValue({ maxDepth: 1 }),
			fc.record({ proxyWidgets: fc.array(fc.tuple(fc.constantFrom("-1", "1", "2"), fc.constantFrom("text", "seed", "1: text"))) }),
		),
	},
	{ requiredKeys: ["id", "type"] },
);
const link = fc.oneof(
	fc.tuple(fc.integer({ min: 1, max: 6 }), id, fc.integer({ min: 0, max: 3 }), id, fc.integer({ min: 0, max: 3 }), fc.constant("*")),
	fc.record({ id, origin_id: id, origin_slot: fc.nat(3), target_id: id, target_slot: fc.nat(3) }),
	fc.jsonValue({ maxDepth: 1 }),
);
const graph = { nodes: fc.uniqueArray(anyNode, { maxLength: 8, selector: (node) => node.id }), links: fc.array(link, { maxLength: 10 }) };
const definition = fc.record({
	...graph,
	id: fc.constantFrom("a", "b"),
	name: fc.string(),
	inputs: fc.array(slot),
	outputs: fc.array(slot),
});
const document = fc.record({
	...graph,
	definitions: fc.oneof(fc.record({ subgraphs: fc.array(definition, { maxLength: 2 }) }), fc.jsonValue({ maxDepth: 2 })),
	version: fc.constantFrom(0.4, 1),
});

test("whatever is drawn at random is converted into a readable graph, or refused in words", () => {
	let converted = 0;
	fc.assert(
		fc.property(document, (ui) => {
			const outcome = attempt(ui);
			if (outcome === "converted") converted += 1;
			else expect(outcome.length).toBeGreaterThan(10);
		}),
		{ numRuns: 1_500 },
	);
	// The generator reaches the converter, and is not refused at the door each time.
	expect(converted).toBeGreaterThan(300);
});

test("any JSON at all is read as an API graph, or refused with its places named", () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
			try {
				readApiGraph(value);
			} catch (error) {
				expect(error).toBeInstanceOf(GlassworksError);
			}
		}),
		{ numRuns: 500 },
	);
});
