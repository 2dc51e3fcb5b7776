/**
 * Tensors of a file that torch.save wrote, read without Python and without running anything in it. Both layouts are
 * read: the ZIP of torch 1.6 and later, and the older stream (pickles first, then every storage), which the published
 * GFPGAN weights use.
 */
import { type FileHandle, open } from "node:fs/promises";
import { GlassworksError } from "../domain/errors.ts";
import { checkpointError } from "./checkpointError.ts";
import { isTensor, type PickleDict, type PickleValue, type StorageRef, storageTypes, type TensorRef, unpickle } from "./pickle.ts";
import { readExactly, zipEntries } from "./zipEntries.ts";

export interface CheckpointTensor {
	shape: number[];
	/** Numbers in it. */
	elements: number;
	/** Its values as 32-bit floats, little-endian, in chunks of at most 4 MiB. */
	float32(): AsyncGenerator<Uint8Array>;
}

export interface Checkpoint {
	tensors: ReadonlyMap<string, CheckpointTensor>;
	close(): Promise<void>;
}

const chunkElements = 256 * 1024;
const maxHeaderBytes = 16 * 1024 * 1024;
/** torch's mark at the start of its older layout. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;

/**
 * Opens a checkpoint whose top level is a state dict or a dict with one under `params_ema`, `params` or `state_dict`.
 * @throws {GlassworksError} model_missing when there is no such file; engine_invalid (`data.reason` checkpoint_unsafe,
 * checkpoint_damaged or checkpoint_unsupported) for what cannot be read.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
	const file = await open(path).catch((error: unknown) => {
		const detail = error instanceof Error ? error.message : String(error);
		throw new GlassworksError("model_missing", `Cannot open ${path}: ${detail}`);
	});
	try {
		const source = await readSource(file, (await file.stat()).size);
		const tensors = new Map<string, CheckpointTensor>();
		for (const [key, ref] of stateDict(source.root)) tensors.set(key, checkpointTensor(source, ref));
		return { tensors, close: () => file.close() };
	} catch (error) {
		await file.close();
		throw error;
	}
}

interface Source {
	file: FileHandle;
	fileBytes: number;
	root: PickleValue;
	littleEndian: boolean;
	/** Where a storage's bytes begin, after checking that all of them are there. */
	locate(storage: StorageRef): number;
}

async function readSource(file: FileHandle, fileBytes: number): Promise<Source> {
	const start = await readExactly(file, 0, Math.min(4, fileBytes), fileBytes);
	if (start.toString("latin1") === "PK\u0003\u0004") return readZip(file, fileBytes);
	if (start[0] === 0x80) return readLegacy(file, fileBytes);
	throw checkpointError("unsupported", "Not a checkpoint that torch saved (neither its ZIP nor its older layout).");
}

async function readZip(file: FileHandle, fileBytes: number): Promise<Source> {
	const entries = await zipEntries(file, fileBytes);
	const pickles = [...entries.values()].filter((entry) => entry.name.endsWith("/data.pkl"));
	const [pickle] = pickles;
	if (pickle === undefined || pickles.length > 1)
		throw checkpointError("unsupported", "The archive holds no single data.pkl: not a torch checkpoint.");
	if (pickle.bytes > maxHeaderBytes) throw checkpointError("damaged", "The checkpoint's description is implausibly large.");
	const folder = pickle.name.slice(0, -"data.pkl".length);
	const order = entries.get(`${folder}byteorder`);
	const littleEndian =
		order === undefined || (await readExactly(file, order.offset, Math.min(order.bytes, 16), fileBytes)).toString("latin1") !== "big";
	const { value } = unpickle(await readExactly(file, pickle.offset, pickle.bytes, fileBytes));
	const locate = (storage: StorageRef) => {
		const entry = entries.get(`${folder}data/${storage.key}`);
		if (entry === undefined || entry.bytes < storage.elements * storageTypes[storage.type])
			throw checkpointError("damaged", `The checkpoint lacks the data of storage ${storage.key}.`);
		return entry.offset;
	};
	return { file, fileBytes, root: value, littleEndian, locate };
}

async function readLegacy(file: FileHandle, fileBytes: number): Promise<Source> {
	const header = await readExactly(file, 0, Math.min(maxHeaderBytes, fileBytes), fileBytes);
	const magic = unpickle(header);
	if (magic.value !== legacyMagic) throw checkpointError("unsupported", "A pickle, but not one that torch saved.");
	const version = unpickle(header, magic.end);
	const system = unpickle(header, version.end);
	const root = unpickle(header, system.end);
	const keys = unpickle(header, root.end);
	const littleEndian = !(system.value instanceof Map && system.value.get("little_endian") === false);
	const storages = new Map<string, StorageRef>();
	for (const [, ref] of stateDict(root.value)) storages.set(ref.storage.key, ref.storage);
	const offsets = await legacyOffsets(file, fileBytes, keys, storages);
	const locate = (storage: StorageRef) => {
		const offset = offsets.get(storage.key);
		if (offset === undefined) throw checkpointError("damaged", `The checkpoint lacks the data of storage ${storage.key}.`);
		return offset;
	};
	return { file, fileBytes, root: root.value, littleEndian, locate };
}

/** Storages follow one another in the order of their keys, each after its length in elements (8 bytes). */
async function legacyOffsets(
	file: FileHandle,
	fileBytes: number,
	keys: { value: PickleValue; end: number },
	storages: Map<string, StorageRef>,
) {
	const offsets = new Map<string, number>();
	if (!Array.isArray(keys.value)) throw checkpointError("damaged", "The checkpoint does not say which storages it holds.");
	let at = keys.end;
	for (const key of keys.value) {
		const storage = typeof key === "string" ? storages.get(key) : undefined;
		if (storage === undefined) throw checkpointError("unsupported", "The checkpoint holds data outside its state dict (an optimiser's?).");
		const elements = (await readExactly(file, at, 8, fileBytes)).readBigInt64LE();
		if (elements !== BigInt(storage.elements))
			throw checkpointError("damaged", `Storage ${storage.key} is not as long as the checkpoint says.`);
		offsets.set(storage.key, at + 8);
		at += 8 + storage.elements * storageTypes[storage.type];
		if (at > fileBytes) throw checkpointError("damaged", "The checkpoint is damaged: it is shorter than it says.");
	}
	return offsets;
}

function* stateDict(root: PickleValue): Generator<[string, TensorRef]> {
	if (!(root instanceof Map)) throw checkpointError("unsupported", "The checkpoint holds no dict of tensors.");
	const nested = ["params_ema", "params", "state_dict"]
		.map((key) => root.get(key))
		.find((value): value is PickleDict => value instanceof Map);
	for (const [key, value] of nested ?? root) if (typeof key === "string" && isTensor(value)) yield [key, value];
}

function checkpointTensor(source: Source, ref: TensorRef): CheckpointTensor {
	const elements = ref.shape.reduce((product, side) => product * side, 1);
	return { shape: ref.shape, elements, float32: () => readFloat32(source, ref, elements) };
}

async function* readFloat32(source: Source, ref: TensorRef, elements: number): AsyncGenerator<Uint8Array> {
	const { storage } = ref;
	const size = storageTypes[storage.type];
	if (!isContiguous(ref))
		throw checkpointError("unsupported", "A tensor is stored out of order; save the checkpoint with contiguous tensors.");
	if (ref.offset + elements > storage.elements) throw checkpointError("damaged", "A tensor reaches beyond its storage.");
	const decode = decoders[storage.type];
	if (decode === undefined) throw checkpointError("unsupported", `Weights of type ${storage.type} are not read.`);
	const start = source.locate(storage) + ref.offset * size;
	for (let done = 0; done < elements; done += chunkElements) {
		const count = Math.min(chunkElements, elements - done);
		const bytes = await readExactly(source.file, start + done * size, count * size, source.fileBytes);
		const isReady = storage.type === "FloatStorage" && source.littleEndian;
		yield isReady ? bytes : floats(bytes, count, size, source.littleEndian, decode);
	}
}

function floats(bytes: Buffer, count: number, size: number, littleEndian: boolean, decode: Decode): Uint8Array {
	const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const to = new DataView(new ArrayBuffer(count * 4));
	for (let i = 0; i < count; i++) to.setFloat32(i * 4, decode(from, i * size, littleEndian), true);
	return new Uint8Array(to.buffer);
}

type Decode = (view: DataView, at: number, littleEndian: boolean) => number;
const word = new DataView(new ArrayBuffer(4));
const decoders: Partial<Record<StorageRef["type"], Decode>> = {
	FloatStorage: (view, at, little) => view.getFloat32(at, little),
	DoubleStorage: (view, at, little) => view.getFloat64(at, little),
	HalfStorage: (view, at, little) => view.getFloat16(at, little),
	/** The upper half of a 32-bit float. */
	BFloat16Storage: (view, at, little) => {
		word.setUint32(0, view.getUint16(at, little) << 16);
		return word.getFloat32(0);
	},
};

function isContiguous({ shape, stride }: TensorRef): boolean {
	let expected = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		const side = shape[axis] ?? 0;
		if (side !== 1 && stride[axis] !== expected) return false;
		expected *= side;
	}
	return true;
}
