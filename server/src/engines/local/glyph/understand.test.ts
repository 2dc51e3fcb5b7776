import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { onnxRun } from "../runtime/sessions.ts";
import { glyphFiles } from "./files.ts";
import { embedText, readGlyphModel } from "./model.ts";
import { understand } from "./understand.ts";

const model = await readGlyphModel(glyphFiles(join(import.meta.dirname, "../../../../../models")));
const run = onnxRun(new Map(), new AbortController().signal);
const read = (prompt: string) => understand(prompt, "cartoon", model.concepts, (text) => embedText(run, model, text));

/** Descriptions, none of them a name or an alias of the thing meant. */
const paraphrases: readonly (readonly [prompt: string, ...accepted: string[]])[] = [
	["an automobile on the road", "automobile", "oncoming automobile", "motorway"],
	["a playful kitten with whiskers", "cat", "cat face", "grinning cat"],
	["christmas fir with baubles", "christmas tree"],
	["spaceship launching into space", "rocket", "flying saucer"],
	["sobbing crying smiley", "loudly crying face", "crying face"],
	["cheeseburger and patty", "hamburger"],
	["passenger jet aircraft", "airplane", "small airplane", "airplane departure"],
	["locomotive steam train", "locomotive"],
	["rain cloud with lightning bolts", "cloud with lightning and rain", "cloud with lightning"],
	["acoustic guitar instrument", "guitar"],
	["golden trophy award", "trophy"],
	["king crown jewels", "crown"],
	["a spooky phantom", "ghost"],
	["little green extraterrestrial", "alien", "alien monster"],
	["humanoid machine", "robot"],
	["king of the jungle lion", "lion"],
	["tall giraffe with long neck", "giraffe"],
	["venomous serpent", "snake"],
	["monarch butterfly insect", "butterfly"],
	["tropical palm on an island", "palm tree", "desert island"],
	["wooden sailing yacht", "sailboat", "ship", "motor boat"],
	["bunch of purple grapes", "grapes"],
	["sweet watermelon wedge", "watermelon"],
	["japanese raw fish sushi", "sushi"],
	["doughnut with icing", "doughnut"],
];

describe("what a prompt is understood as", () => {
	it("is right for nine in ten paraphrases", async () => {
		const wrong: string[] = [];
		for (const [prompt, ...accepted] of paraphrases) {
			const { understoodAs, lowConfidence } = await read(prompt);
			if (!accepted.includes(understoodAs) || lowConfidence) wrong.push(`${prompt} -> ${understoodAs}`);
		}
		expect(wrong.length, wrong.join("; ")).toBeLessThanOrEqual(paraphrases.length / 10);
	});

	it("is certain for exact names and everyday aliases, whatever words about the picture surround them", async () => {
		for (const prompt of ["rocket", "The Rocket!", "a 3d drawing of a rocket", "picture of a rocket in cartoon style"]) {
			expect(await read(prompt)).toMatchObject({ understoodAs: "rocket", score: 1, colorApplied: null, canonical: "rocket" });
		}
		expect(await read("a burger")).toMatchObject({ understoodAs: "hamburger", score: 1 });
		expect(await read("ear of corn")).toMatchObject({ understoodAs: "ear of corn", score: 1 });
	});

	it("is a guess, and says so, for what it does not know", async () => {
		for (const prompt of ["quantum chromodynamics lagrangian", "", "!!!", "日本"]) {
			expect(await read(prompt)).toMatchObject({ lowConfidence: true, canonical: prompt, colorApplied: null });
		}
	});
});

describe("a colour word", () => {
	it("paints a thing that has one main colour", async () => {
		expect(await read("a purple umbrella")).toMatchObject({ understoodAs: "umbrella", canonical: "purple umbrella", colorApplied: true });
		expect(await read("violet umbrella")).toMatchObject({ canonical: "purple umbrella", colorApplied: true });
	});

	it("chooses the thing that has the colour in its name", async () => {
		expect(await read("green apple")).toMatchObject({ understoodAs: "green apple", colorApplied: true });
		expect(await read("blue heart")).toMatchObject({ understoodAs: "blue heart", colorApplied: true });
		expect(await read("gray heart")).toMatchObject({ understoodAs: "grey heart", colorApplied: true });
		expect(await read("black cat")).toMatchObject({ understoodAs: "black cat", colorApplied: true });
	});

	it("that cannot be drawn is reported, not pretended", async () => {
		expect(await read("blue apple")).toMatchObject({ understoodAs: "red apple", colorApplied: false });
		expect(await read("brown dog")).toMatchObject({ understoodAs: "dog", canonical: "dog", colorApplied: false });
	});

	it("of a second thing does not end up on the first", async () => {
		expect(await read("a yellow car beside a blue house")).toMatchObject({ understoodAs: "automobile", canonical: "yellow automobile" });
	});
});
