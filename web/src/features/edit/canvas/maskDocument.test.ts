import fc from "fast-check";
import { expect, test } from "vitest";
import type { Command } from "./commands.ts";
import { boxOf, emptyMask, toRuns } from "./mask.ts";
import { createMaskDocument } from "./maskDocument.ts";

const size = { width: 31, height: 22 };
const x = fc.integer({ min: -20, max: 200 }).map((value) => value / 4);
const y = fc.integer({ min: -20, max: 140 }).map((value) => value / 4);
const radius = fc.integer({ min: 3, max: 24 }).map((value) => value / 4);
const erase = fc.boolean();
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
	fc.record({
		kind: fc.constant("stroke" as const),
		erase,
		dabs: fc.array(fc.tuple(x, y, radius), { minLength: 1, maxLength: 6 }).map((all) => all.flat()),
	}),
	fc.record({
		kind: fc.constant("polygon" as const),
		erase,
		points: fc.array(fc.tuple(x, y), { minLength: 3, maxLength: 8 }).map((all) => all.flat()),
	}),
	fc.record({ kind: fc.constant("rectangle" as const), erase, rect: fc.constant({ left: 3, top: 4, right: 20, bottom: 11 }) }),
	fc.constant<Command>({ kind: "invert" }),
	fc.constant<Command>({ kind: "clear" }),
	fc.record({ kind: fc.constant("grow" as const), by: fc.integer({ min: -4, max: 4 }) }),
	fc.constant<Command>({ kind: "import", runs: [70, 30, 100, 5] }),
);

test("undoing goes back through every state there was, and redoing forward, pixel by pixel", () => {
	fc.assert(
		fc.property(fc.array(anyCommand, { minLength: 1, maxLength: 14 }), (commands) => {
			const document = createMaskDocument(size);
			const states = [document.mask.values.slice()];
			for (const command of commands) {
				document.run(command);
				states.push(document.mask.values.slice());
			}
			for (let at = commands.length - 1; at >= 0; at--) {
				expect(document.undo()).not.toBeNull();
				expect(document.mask.values).toEqual(states[at]);
			}
			expect([document.undo(), document.canUndo]).toEqual([null, false]);
			for (let at = 1; at <= commands.length; at++) {
				document.redo();
				expect(document.mask.values).toEqual(states[at]);
			}
			expect(document.redo()).toBeNull();
		}),
		{ numRuns: 150 },
	);
});

test("what is stored and read again is the same mask", () => {
	fc.assert(
		fc.property(fc.array(anyCommand, { maxLength: 8 }), (commands) => {
			const document = createMaskDocument(size);
			for (const command of commands) document.run(command);
			const again = createMaskDocument(size, JSON.parse(JSON.stringify(document.commands)));
			expect(again.mask.values).toEqual(document.mask.values);
		}),
	);
});

test("nothing changes outside of where a command says", () => {
	fc.assert(
		fc.property(fc.array(anyCommand, { maxLength: 5 }), anyCommand, (commands, last) => {
			const document = createMaskDocument(size, commands);
			const before = document.mask.values.slice();
			const { left, top, right, bottom } = document.run(last);
			for (let at = 0; at < before.length; at++) {
				const [column, row] = [at % size.width, Math.floor(at / size.width)];
				const isInside = column >= left && column < right && row >= top && row < bottom;
				if (!isInside) expect(document.mask.values[at]).toBe(before[at]);
			}
		}),
	);
});

test("a new command after undoing ends redoing", () => {
	const document = createMaskDocument(size);
	document.run({ kind: "invert" });
	document.undo();
	document.run({ kind: "rectangle", erase: false, rect: { left: 1, top: 1, right: 3, bottom: 3 } });
	expect([document.canRedo, document.commands.length]).toEqual([false, 1]);
	expect(boxOf(document.mask)).toEqual({ left: 1, top: 1, right: 3, bottom: 3 });
});

test("a mask in runs comes back as it was", () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 12, maxLength: 12 }), (values) => {
			const runs = toRuns({ width: 4, height: 3, values: Uint8Array.from(values) });
			const document = createMaskDocument({ width: 4, height: 3 }, [{ kind: "invert" }, { kind: "import", runs }]);
			expect([...document.mask.values]).toEqual(values);
		}),
	);
	expect(boxOf(emptyMask(size))).toBeNull();
});
