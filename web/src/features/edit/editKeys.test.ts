import { expect, test, vi } from "vitest";
import type { Editor } from "./canvas/editor.ts";
import { nameOfKey, runKey } from "./editKeys.ts";

function fake() {
	const calls: string[] = [];
	const note =
		(name: string) =>
		(...values: unknown[]) =>
			void calls.push([name, ...values].map((value) => JSON.stringify(value)).join(" "));
	const editor = {
		get: vi.fn(() => ({ brushPx: 40 })),
		...{ fit: note("fit"), zoom: note("zoom"), setBrush: note("setBrush"), run: note("run"), undo: note("undo"), redo: note("redo") },
		setTool: note("setTool"),
	};
	return { editor: editor as unknown as Editor, calls };
}
const pressed = (key: string, held: { ctrlKey?: boolean; metaKey?: boolean; shiftKey?: boolean } = {}) =>
	nameOfKey({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

test("the keys that people know from other editors do what they do there", () => {
	const { editor, calls } = fake();
	const keys = [
		pressed("b"),
		pressed("E"),
		pressed("l"),
		pressed("r"),
		pressed("["),
		pressed("]"),
		pressed("0"),
		pressed("+", { shiftKey: true }),
		pressed("-"),
	];
	for (const key of [
		...keys,
		pressed("V", { shiftKey: true }),
		pressed("z", { metaKey: true }),
		pressed("Z", { ctrlKey: true, shiftKey: true }),
	])
		expect(runKey(editor, key, true)).toBe(true);
	expect(calls.map((call) => call.replaceAll('"', ""))).toEqual([
		...[
			"setTool brush",
			"setTool eraser",
			"setTool lasso",
			"setTool rectangle",
			"setBrush 34",
			"setBrush 46",
			"fit",
			"zoom 1.25",
			"zoom 0.8",
		],
		...["run {kind:invert}", "undo", "redo"],
	]);
});

test("where there is no mask, keys only look; others are not taken", () => {
	const { editor, calls } = fake();
	expect([pressed("b"), pressed("z", { ctrlKey: true }), pressed("x"), pressed("v")].map((key) => runKey(editor, key, false))).toEqual([
		false,
		false,
		false,
		false,
	]);
	expect(runKey(editor, pressed("0"), false)).toBe(true);
	expect(runKey(editor, pressed("v"), true)).toBe(false);
	expect(calls).toEqual(['"fit"']);
});
