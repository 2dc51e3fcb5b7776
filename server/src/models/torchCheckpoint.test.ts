import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CheckpointFormat, global, op, pickled, type TensorToWrite, text, writeCheckpoint } from "../../test/writeCheckpoint.ts";
import { GlassworksError } from "../domain/errors.ts";
import { openCheckpoint } from "./torchCheckpoint.ts";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "gw-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Values that every one of the types can hold exactly. */
const values = [0, 1, -1, 0.5, -0.25, 3, 1.5, -2, 96, 0.0078125, 4, 7];
const tensors = (write: (view: DataView, at: number, value: number) => void, size: number): TensorToWrite[] => [
	{ key: "weight", shape: [3, 4], bytes: () => encode(values, write, size) },
	{ key: "scalar", shape: [], bytes: () => encode([2.5], write, size) },
];
function encode(numbers: number[], write: (view: DataView, at: number, value: number) => void, size: number): Uint8Array {
	const view = new DataView(new ArrayBuffer(numbers.length * size));
	for (const [index, value] of numbers.entries()) write(view, index * size, value);
	return new Uint8Array(view.buffer);
}
const float32 = tensors((view, at, value) => view.setFloat32(at, value, true), 4);

async function readAll(path: string): Promise<Record<string, { shape: number[]; values: number[] }>> {
	const checkpoint = await openCheckpoint(path);
	try {
		const all: Record<string, { shape: number[]; values: number[] }> = {};
		for (const [key, tensor] of checkpoint.tensors) {
			const chunks: Uint8Array[] = [];
			for await (const chunk of tensor.float32()) chunks.push(chunk);
			const bytes = Buffer.concat(chunks);
			all[key] = { shape: tensor.shape, values: Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4)) };
		}
		return all;
	} finally {
		await checkpoint.close();
	}
}
const expected = { weight: { shape: [3, 4], values }, scalar: { shape: [], values: [2.5] } };

async function refusal(path: string): Promise<unknown> {
	return readAll(path).then(
		() => null,
		(error: unknown) => (error instanceof GlassworksError ? (error.data.reason ?? error.code) : error),
	);
}

describe.each(["zip", "legacy"] as const)("the %s layout", (layout) => {
	test.each<[string, CheckpointFormat, TensorToWrite[]]>([
		["32-bit", { layout }, float32],
		["16-bit", { layout, storage: "HalfStorage" }, tensors((view, at, value) => view.setFloat16(at, value, true), 2)],
		["bfloat16", { layout, storage: "BFloat16Storage" }, tensors((view, at, value) => view.setUint16(at, bfloat16(value), true), 2)],
		["64-bit", { layout, storage: "DoubleStorage" }, tensors((view, at, value) => view.setFloat64(at, value, true), 8)],
		["big-endian", { layout, bigEndian: true }, tensors((view, at, value) => view.setFloat32(at, value, false), 4)],
	])("gives the values of %s weights", async (name, format, content) => {
		const path = join(folder, `${layout}-${name}.pth`);
		await writeCheckpoint(path, content, format);
		expect(await readAll(path)).toEqual(expected);
	});

	test("a tensor larger than what is stored for it is damage, not a look at its neighbour's bytes", async () => {
		const path = join(folder, `${layout}-beyond.pth`);
		const bytes = () => new Uint8Array(48);
		await writeCheckpoint(
			path,
			[
				{ key: "first", shape: [16], storedElements: 12, bytes },
				{ key: "second", shape: [12], bytes },
			],
			{ layout },
		);
		expect(await refusal(path)).toBe("checkpoint_damaged");
	});

	test("a file cut off anywhere is called damaged or not a checkpoint, and never half read", async () => {
		const whole = join(folder, `${layout}-whole.pth`);
		const cut = join(folder, `${layout}-cut.pth`);
		await writeCheckpoint(whole, float32, { layout });
		const bytes = await readFile(whole);
		for (let length = 0; length < bytes.length; length += 7) {
			await writeFile(cut, bytes);
			await truncate(cut, length);
			expect(await refusal(cut)).toMatch(/^checkpoint_(damaged|unsupported)$/);
		}
	});

	test("a file with any byte changed gives numbers or a coded refusal", async () => {
		const whole = join(folder, `${layout}-whole.pth`);
		const changed = join(folder, `${layout}-changed.pth`);
		const bytes = await readFile(whole);
		await fc.assert(
			fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
				await writeFile(changed, bytes.with(at, value));
				const outcome = await refusal(changed);
				expect(outcome === null || typeof outcome === "string").toBe(true);
			}),
			{ numRuns: 300 },
		);
	});
});

test("an archive with 64-bit sizes gives the same values", async () => {
	const path = join(folder, "zip64.pth");
	await writeCheckpoint(path, float32, { layout: "zip", isZip64: true });
	expect(await readAll(path)).toEqual(expected);
});

test("an archive that asks for os.system is refused before any tensor is read", async () => {
	const path = join(folder, "attack.pth");
	await writeFile(path, pickled([global("os", "system"), text("id"), Buffer.from([0x85]), op("R")]));
	expect(await refusal(path)).toBe("checkpoint_unsafe");
});

test("a picture, an empty file and a missing file are each named for what they are", async () => {
	await writeFile(join(folder, "picture.pth"), Buffer.from("\x89PNG\r\n", "latin1"));
	await writeFile(join(folder, "empty.pth"), "");
	expect(await refusal(join(folder, "picture.pth"))).toBe("checkpoint_unsupported");
	expect(await refusal(join(folder, "empty.pth"))).toBe("checkpoint_unsupported");
	expect(await refusal(join(folder, "absent.pth"))).toBe("model_missing");
});

function bfloat16(value: number): number {
	const view = new DataView(new ArrayBuffer(4));
	view.setFloat32(0, value);
	return view.getUint16(0);
}
