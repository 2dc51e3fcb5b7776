import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { global, op, pickled, text } from "../../test/writeCheckpoint.ts";
import { GlassworksError } from "../domain/errors.ts";
import { unpickle } from "./pickle.ts";

const refusal = (bytes: Uint8Array) => {
	try {
		unpickle(bytes);
	} catch (error) {
		if (error instanceof GlassworksError) return error.data.reason;
		throw error;
	}
	return null;
};

test("a checkpoint that asks for os.system is refused by name and nothing runs", () => {
	const folder = mkdtempSync(join(tmpdir(), "gw-pickle-"));
	const witness = join(folder, "ran");
	const attack = pickled([global("os", "system"), text(`touch ${witness}`), Buffer.from([0x85]), op("R")]);
	expect(() => unpickle(attack)).toThrow(/os\.system/);
	expect(refusal(attack)).toBe("checkpoint_unsafe");
	expect(existsSync(witness)).toBe(false);
	rmSync(folder, { recursive: true });
});

test.each([
	["builtins", "eval"],
	["__builtin__", "getattr"],
	["torch", "load"],
	["torch.hub", "load"],
	["torch._utils", "_rebuild_tensor"],
	["collections", "OrderedDict.__init__"],
	["torch", "__proto__"],
])("the name %s.%s is refused", (module, name) => {
	expect(refusal(pickled([global(module, name)]))).toBe("checkpoint_unsafe");
});

test("instructions that build objects or look names up in other ways are refused", () => {
	for (const code of [0x69, 0x6f, 0x81, 0x92, 0x93, 0x82, 0x83, 0x84, 0x50])
		expect(refusal(pickled([Buffer.from([code, 0, 0, 0, 0])]))).toBe("checkpoint_unsafe");
});

test("allowed names cannot be called with arguments of an attacker's choice", () => {
	const call = (module: string, name: string) => pickled([global(module, name), op("("), text("x"), op("tR")]);
	expect(refusal(call("collections", "OrderedDict"))).toBe("checkpoint_unsafe");
	expect(refusal(call("torch", "FloatStorage"))).toBe("checkpoint_unsafe");
	expect(refusal(call("torch._utils", "_rebuild_tensor_v2"))).toBe("checkpoint_damaged");
});

test("a dict keeps a key named __proto__ as data", () => {
	const { value } = unpickle(pickled([op("}"), text("__proto__"), text("x"), op("s")]));
	expect(value).toEqual(new Map([["__proto__", "x"]]));
	expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test("big integers of either sign are read as Python wrote them", () => {
	const long = (hex: string) => unpickle(pickled([Buffer.from([0x8a, hex.length / 2]), Buffer.from(hex, "hex")])).value;
	expect(long("6cfc9c46f9206aa85019")).toBe(0x1950a86a20f9469cfc6cn);
	expect(long("ff")).toBe(-1n);
	expect(long("")).toBe(0n);
});

test("any bytes at all end in a value or in a coded refusal, never in a crash", () => {
	const good = pickled([op("}("), text("a"), op("]"), op("ueN")]);
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (noise, cut) => {
			for (const bytes of [noise, pickled([Buffer.from(noise)]), Buffer.concat([good.subarray(0, cut % good.length), noise])])
				refusal(bytes);
		}),
		{ numRuns: 2000 },
	);
});
