import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { onnxRun } from "../../runtime/sessions.ts";
import { glyphFiles } from "../files.ts";
import { embedText, readGlyphModel } from "../model.ts";
import { readScene } from "./readScene.ts";
import { describeScene, understandScene } from "./understandScene.ts";

const root = join(import.meta.dirname, "../../../../../..");
const model = await readGlyphModel(glyphFiles(join(root, "models")));
const run = onnxRun(new Map(), new AbortController().signal);
const names = model.concepts.indexByPhrase;
const understood = (prompt: string) => understandScene(prompt, "cartoon", model.concepts, (text) => embedText(run, model, text));

describe("a prompt is taken apart", () => {
	it("into things with their colours, how they lie to each other, and what is behind them", () => {
		expect(readScene("A red car beside a blue house on green grass under a sunny sky", names)).toEqual({
			things: [
				{ phrase: "red car", count: 1, size: 1 },
				{ phrase: "blue house", count: 1, size: 1 },
			],
			relations: ["beside"],
			plainlySaid: [true],
			background: { kind: "landscape", sky: "sunny", ground: "grass" },
		});
	});

	it.each([
		["three red apples", [["red apple", 3, 1]], [], null],
		[
			"two buses, a fox and 2 houses",
			[
				["bus", 2, 1],
				["fox", 1, 1],
				["house", 2, 1],
			],
			["beside", "beside"],
			null,
		],
		[
			"cherries beside foxes",
			[
				["cherries", 1, 1],
				["fox", 2, 1],
			],
			["beside"],
			null,
		],
		[
			"a big tree behind a tiny house",
			[
				["tree", 1, 1.4],
				["house", 1, 0.5],
			],
			["behind"],
			null,
		],
		[
			"cat on top of a car left of a dog",
			[
				["cat", 1, 1],
				["car", 1, 1],
				["dog", 1, 1],
			],
			["on", "left"],
			null,
		],
		[
			"a bow and arrow under a cup with straw",
			[
				["bow and arrow", 1, 1],
				["cup with straw", 1, 1],
			],
			["below"],
			null,
		],
		["under a starry sky a cute fox", [["fox", 1, 1]], [], { kind: "landscape", sky: "night", ground: "grass" }],
		["a boat on the sea at sunset", [["boat", 1, 1]], [], { kind: "landscape", sky: "sunset", ground: "water" }],
		["a dog on snow, under a cloudy sky", [["dog", 1, 1]], [], { kind: "landscape", sky: "cloudy", ground: "snow" }],
		["a dog, green grass, sunny sky", [["dog", 1, 1]], [], { kind: "landscape", sky: "sunny", ground: "grass" }],
		[
			"a house and the sun",
			[
				["house", 1, 1],
				["sun", 1, 1],
			],
			["beside"],
			null,
		],
		["a rocket on a plain purple background", [["rocket", 1, 1]], [], { kind: "plain", color: "purple" }],
		["4 green trees on a pink gradient background", [["green tree", 4, 1]], [], { kind: "gradient", color: "pink" }],
	])("%s", (prompt, things, relations, background) => {
		const scene = readScene(prompt, names);
		expect(scene?.things.map(({ phrase, count, size }) => [phrase, count, size])).toEqual(things);
		expect(scene?.relations).toEqual(relations);
		expect(scene?.background).toEqual(background);
	});

	it("but not when it is one thing, more than six, or names a colour alone", () => {
		for (const prompt of ["a red car", "", "!!!", "five apples", "four cats and three dogs", "black and white bear"]) {
			expect(readScene(prompt, names), prompt).toBeNull();
		}
	});

	it("names of things are no scenes, whatever words are in them", () => {
		for (const name of names.keys()) expect(readScene(`a drawing of a ${name}`, names), name).toBeNull();
	});
});

describe("a scene is drawn", () => {
	it("when every part is known: each thing is understood by itself, and the answer names them all", async () => {
		const scene = await understood("a small yellow car next to two blue houses on the beach");
		expect(scene && describeScene(scene)).toMatchObject({
			understood_as: "small yellow automobile beside 2 × blue house (sand, day sky)",
			understood_score: 1,
			color_applied: true,
			low_confidence: false,
			scene: {
				things: [
					{ thing: "automobile", count: 1 },
					{ thing: "house", count: 2 },
				],
				relations: ["beside"],
			},
		});
	});

	it("with things that have no name of ours, when the words between them are plain, and the score says how sure that is", async () => {
		const scene = await understood("an old castle to the left of a rain cloud");
		expect(scene?.items.map((item) => item.understood.understoodAs)).toEqual(["castle", "cloud with rain"]);
		expect(scene && describeScene(scene).understood_score).toBeLessThan(1);
	});

	it("not when a part is unknown", async () => {
		for (const prompt of ["a cat beside a quantum chromodynamics lagrangian", "a doughnut with icing", "a wise bird that hoots at night"]) {
			expect(await understood(prompt), prompt).toBeNull();
		}
	});

	it("and none of 100 descriptions of single things is taken for one", async () => {
		const file = z.object({ paraphrases: z.array(z.object({ prompt: z.string() })) });
		const { paraphrases } = file.parse(JSON.parse(readFileSync(join(root, "server/test/data/glyph/paraphrases.json"), "utf8")));
		for (const { prompt } of paraphrases) expect(await understood(prompt), prompt).toBeNull();
		expect(paraphrases).toHaveLength(100);
	});
});
