import { expect, test } from "vitest";
import { createTool, toolNames } from "./tools.ts";

const at = (x: number, y: number, pressure = 1) => ({ x, y, pressure });
const settings = { erase: false, sizePx: 20 };

test("a stroke becomes one command when the pointer is lifted, and none before", () => {
	const tool = createTool("brush", settings);
	expect(tool.draft).toBeNull();
	tool.down(at(10, 10));
	tool.move(at(30, 10));
	expect(tool.draft).toEqual({ kind: "stroke", erase: false, dabs: [10, 10, 10, 30, 10, 10] });
	expect(tool.up()).toEqual({ kind: "stroke", erase: false, dabs: [10, 10, 10, 30, 10, 10] });
	expect([tool.draft, tool.up()]).toEqual([null, null]);
});

test("a tap is a dab; a light pen draws thinner; the eraser erases, whoever asks", () => {
	const tool = createTool("brush", settings);
	tool.down(at(5, 5, 0.5));
	expect(tool.up()).toEqual({ kind: "stroke", erase: false, dabs: [5, 5, 6] });
	const eraser = createTool("eraser", settings);
	eraser.down(at(5, 5));
	expect(eraser.up()).toMatchObject({ erase: true });
	const turned = createTool("brush", { ...settings, erase: true });
	turned.down(at(5, 5));
	expect(turned.up()).toMatchObject({ erase: true });
});

test("a rectangle has whole pixels, whichever corner it began at; one without an area is none", () => {
	const tool = createTool("rectangle", settings);
	tool.down(at(20.4, 9.6));
	tool.move(at(4.2, 30));
	expect(tool.draft).toMatchObject({ kind: "outline", closed: true });
	expect(tool.up()).toEqual({ kind: "rectangle", erase: false, rect: { left: 4, top: 10, right: 20, bottom: 30 } });
	tool.down(at(3, 3));
	expect(tool.up()).toBeNull();
});

test("a lasso needs three corners", () => {
	const tool = createTool("lasso", settings);
	tool.down(at(0, 0));
	tool.move(at(10, 0));
	expect(tool.up()).toBeNull();
	tool.down(at(0, 0));
	tool.move(at(10, 0));
	tool.move(at(10, 0.5));
	tool.move(at(10, 10));
	expect(tool.up()).toEqual({ kind: "polygon", erase: false, points: [0, 0, 10, 0, 10, 10] });
});

test.each(toolNames)("a cancelled %s leaves nothing, and moves without a beginning do nothing", (name) => {
	const tool = createTool(name, settings);
	tool.move(at(9, 9));
	expect([tool.draft, tool.up()]).toEqual([null, null]);
	tool.down(at(0, 0));
	tool.move(at(50, 0));
	tool.move(at(50, 50));
	tool.cancel();
	expect([tool.draft, tool.up()]).toEqual([null, null]);
});
