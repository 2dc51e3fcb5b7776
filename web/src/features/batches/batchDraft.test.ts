import { describe, expect, test } from "vitest";
import { axisValues } from "./axes.ts";
import { type BatchDraft, emptyBatch, forQuote, isBatchDraft, promptLines, toRequest } from "./batchDraft.ts";
import { guessMapping, mappedCsv, readCsv } from "./csvFile.ts";
import { differences } from "./differences.ts";
import { gridAxes, gridOf } from "./gridOf.ts";

const draft = (changes: Partial<BatchDraft>): BatchDraft => ({ ...emptyBatch, ...changes });

describe("what is written becomes what is sent", () => {
	test("each line that says something is a prompt, and is called by the line it stands on", () => {
		expect(promptLines(" a fox \n\n\ta boat\n")).toEqual([
			{ prompt: "a fox", line: 1 },
			{ prompt: "a boat", line: 3 },
		]);
		expect(toRequest(draft({ prompts: "\n \n" }), null)).toBeNull();
	});

	test("schedule, budget and name go along, and a new name asks for no new price", () => {
		const asked = draft({ prompts: "a fox", name: " spring ", when: "at", at: "2030-01-02T03:04", budget: 0.07, shuffled: true });
		const at = new Date("2030-01-02T03:04").toISOString();
		expect(toRequest(asked, null)).toMatchObject({
			items: { name: "spring", at, budget_micro_usd: 70_000, order: "shuffled", items: ["a fox"] },
		});
		expect(forQuote(asked, null)).toEqual(forQuote({ ...asked, name: "other", budget: null, when: "now" }, null));
	});

	test("values of an axis are numbers where its field is one, and ranges are counted out", () => {
		expect(axisValues({ field: "seed", values: "1-3, 9\n12" })).toEqual([1, 2, 3, 9, 12]);
		expect(axisValues({ field: "guidance", values: "1.5; 7" })).toEqual([1.5, 7]);
		expect(axisValues({ field: "prompt", values: "a fox, red\na boat" })).toEqual(["a fox, red", "a boat"]);
		expect(axisValues({ field: "steps", values: "many" })).toEqual(["many"]);
		expect(axisValues({ field: "seed", values: "0-4294967295" })).toEqual(["0-4294967295"]);
		expect(axisValues({ field: "upscale", values: "on, off" })).toEqual([true, false]);
	});

	test("a matrix without prompts, or with an axis that says nothing, is not sent", () => {
		const axes = [
			{ field: "prompt", values: "a fox" },
			{ field: "seed", values: "" },
		];
		expect(toRequest(draft({ source: "matrix", axes }), null)).toBeNull();
		expect(toRequest(draft({ source: "matrix", axes: [{ field: "seed", values: "1" }] }), null)).toBeNull();
	});

	test("a draft of another version is not taken for one of this", () => {
		expect(isBatchDraft(JSON.parse(JSON.stringify(emptyBatch)))).toBe(true);
		expect(isBatchDraft({ ...emptyBatch, count: "1" })).toBe(false);
		expect(isBatchDraft({ ...emptyBatch, axes: [null] })).toBe(false);
		expect(isBatchDraft(null)).toBe(false);
	});
});

describe("a CSV file", () => {
	test("is read with the rows a spreadsheet shows, whatever separates its cells", async () => {
		const file = await readCsv("a.csv", '\uFEFFCaption;CFG Scale\r\n"a fox; red";7\r\n\r\na boat;\r\n');
		expect(file.header).toEqual(["Caption", "CFG Scale"]);
		expect(file.rows).toEqual([
			{ cells: ["a fox; red", "7"], row: 2 },
			{ cells: ["a boat", ""], row: 4 },
		]);
		expect(guessMapping(file.header)).toEqual(["prompt", "guidance"]);
	});

	test("is sent with the chosen columns alone, and what has quotes arrives whole", async () => {
		const file = await readCsv("a.csv", 'text,note,text\n"say ""hi""\nnow",x,y\n');
		expect(guessMapping(file.header)).toEqual(["prompt", "", ""]);
		expect(mappedCsv(file, ["prompt", "", "negative_prompt"])).toBe('"prompt","negative_prompt"\n"say ""hi""\nnow","y"');
	});

	test("that is none says what is wrong", async () => {
		await expect(readCsv("a.csv", "prompt\n")).rejects.toThrow("The file has no rows below its header.");
		await expect(readCsv("a.csv", 'prompt\n"a fox')).rejects.toThrow(/quote/i);
	});
});

const item = (index: number, request: object, metadata = {}) => ({ index, request, metadata }) as Parameters<typeof gridOf>[0][number];

test("items tell what sets them apart from the others", () => {
	const items = [item(0, { prompt: "a", seed: 1, model: "m" }, { sku: "x" }), item(1, { prompt: "b", seed: 2, model: "m" })];
	expect(differences(items)).toEqual(["seed 1, sku x", "seed 2"]);
});

test("a matrix is laid out with its first field down, its last across and the others as sections", () => {
	const all = ["a", "b"].flatMap((prompt) => ["x", "y"].flatMap((style) => [1, 2, 3].map((seed) => ({ prompt, style, seed }))));
	const grid = gridOf(
		all.map((request, index) => item(index, request)),
		["prompt", "style", "seed"],
	);
	expect(grid.columns).toEqual(["1", "2", "3"]);
	expect(grid.sections.map(({ title, rows }) => [title, rows.map(({ name, cells }) => [name, cells.map(({ index }) => index)])])).toEqual([
		[
			"style x",
			[
				["a", [0, 1, 2]],
				["b", [6, 7, 8]],
			],
		],
		[
			"style y",
			[
				["a", [3, 4, 5]],
				["b", [9, 10, 11]],
			],
		],
	]);
	expect(gridAxes({ metadata: { matrix: "prompt,seed" }, items: 401 } as never)).toBeNull();
	expect(gridAxes({ metadata: {}, items: 4 } as never)).toBeNull();
});
