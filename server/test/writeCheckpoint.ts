/** Writes what torch.save writes, as far as tests need it: a state dict under `params_ema`, in either of torch's layouts. */
import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";

export interface TensorToWrite {
	key: string;
	shape: number[];
	/** Raw bytes of the storage, in the type below. Called once, when its turn comes. */
	bytes(): Uint8Array;
	/** How many numbers the file says are stored. Default: as many as the shape holds. */
	storedElements?: number;
}
export interface CheckpointFormat {
	layout: "zip" | "legacy";
	storage?: "FloatStorage" | "HalfStorage" | "BFloat16Storage" | "DoubleStorage";
	bigEndian?: boolean;
	/** Sizes and places as 64-bit numbers, as archives over 4 GiB have them. */
	isZip64?: boolean;
}

const stored = (tensor: TensorToWrite) => tensor.storedElements ?? elementsOf(tensor.shape);
const elementsOf = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

export async function writeCheckpoint(path: string, tensors: TensorToWrite[], format: CheckpointFormat): Promise<void> {
	const file = await open(path, "w");
	try {
		await (format.layout === "zip" ? writeZip(file, tensors, format) : writeLegacy(file, tensors, format));
	} finally {
		await file.close();
	}
}

async function writeLegacy(file: FileHandle, tensors: TensorToWrite[], format: CheckpointFormat): Promise<void> {
	const magic = Buffer.from("6cfc9c46f9206aa85019", "hex");
	const system = [op("}"), text("little_endian"), Buffer.from([format.bigEndian ? 0x89 : 0x88]), op("s")];
	const keys = [op("]("), ...tensors.map((_, index) => text(String(index))), op("e")];
	await file.appendFile(
		Buffer.concat([
			pickled([Buffer.from([0x8a, 10]), magic]),
			pickled([int(1001)]),
			pickled(system),
			pickled(stateDict(tensors, format)),
			pickled(keys),
		]),
	);
	for (const tensor of tensors) {
		const length = Buffer.alloc(8);
		length.writeBigInt64LE(BigInt(stored(tensor)));
		await file.appendFile(length);
		await file.appendFile(tensor.bytes());
	}
}

async function writeZip(file: FileHandle, tensors: TensorToWrite[], format: CheckpointFormat): Promise<void> {
	const directory: Buffer[] = [];
	let at = 0;
	const add = async (name: string, data: Uint8Array) => {
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt32LE(crc32(data), 10);
		common.writeUInt32LE(data.length, 14);
		common.writeUInt32LE(data.length, 18);
		common.writeUInt16LE(name.length, 22);
		const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name)]);
		directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), ...centralPlace(common, name, data.length, at, format)]));
		await file.appendFile(local);
		await file.appendFile(data);
		at += local.length + data.length;
	};
	await add("archive/data.pkl", pickled(stateDict(tensors, format)));
	if (format.bigEndian) await add("archive/byteorder", Buffer.from("big"));
	for (const [index, tensor] of tensors.entries()) await add(`archive/data/${index}`, tensor.bytes());
	const entries = Buffer.concat(directory);
	await file.appendFile(
		Buffer.concat([
			entries,
			...(format.isZip64 ? [zip64End(directory.length, entries.length, at)] : []),
			zipEnd(directory.length, entries.length, at, format),
		]),
	);
}

function centralPlace(common: Buffer, name: string, bytes: number, at: number, format: CheckpointFormat): Buffer[] {
	const place = Buffer.alloc(14);
	place.writeUInt32LE(format.isZip64 ? 0xffffffff : at, 10);
	if (!format.isZip64) return [common, place, Buffer.from(name)];
	const wide = Buffer.from(common);
	wide.fill(0xff, 14, 22);
	wide.writeUInt16LE(28, 24);
	const extra = Buffer.alloc(28);
	extra.writeUInt16LE(1, 0);
	extra.writeUInt16LE(24, 2);
	for (const [index, value] of [bytes, bytes, at].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
	return [wide, place, Buffer.from(name), extra];
}

function zipEnd(count: number, bytes: number, at: number, format: CheckpointFormat): Buffer {
	const end = Buffer.alloc(22);
	end.write("PK\u0005\u0006");
	end.writeUInt16LE(count, 8);
	end.writeUInt16LE(count, 10);
	end.writeUInt32LE(format.isZip64 ? 0xffffffff : bytes, 12);
	end.writeUInt32LE(format.isZip64 ? 0xffffffff : at, 16);
	return end;
}

function zip64End(count: number, bytes: number, at: number): Buffer {
	const record = Buffer.alloc(56 + 20);
	record.write("PK\u0006\u0006");
	record.writeBigUInt64LE(44n, 4);
	for (const [index, value] of [count, count, bytes, at].entries()) record.writeBigUInt64LE(BigInt(value), 24 + index * 8);
	record.write("PK\u0006\u0007", 56);
	record.writeBigUInt64LE(BigInt(at + bytes), 56 + 8);
	record.writeUInt32LE(1, 56 + 16);
	return record;
}

function stateDict(tensors: TensorToWrite[], format: CheckpointFormat): Buffer[] {
	const items = tensors.flatMap((tensor, index) => [
		text(tensor.key),
		global("torch._utils", "_rebuild_tensor_v2"),
		op("(("),
		text("storage"),
		global("torch", format.storage ?? "FloatStorage"),
		text(String(index)),
		text("cpu"),
		int(stored(tensor)),
		...(format.layout === "legacy" ? [op("N")] : []),
		op("tQ"),
		int(0),
		tuple(tensor.shape),
		tuple(tensor.shape.map((_, axis) => elementsOf(tensor.shape.slice(axis + 1)))),
		Buffer.from([0x89]),
		...orderedDict,
		op("tR"),
	]);
	return [op("}"), text("params_ema"), ...orderedDict, op("("), ...items, op("us")];
}

export const op = (codes: string) => Buffer.from(codes, "latin1");
export const global = (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`);
export const pickled = (parts: Buffer[]) => Buffer.concat([Buffer.from([0x80, 2]), ...parts, op(".")]);
const orderedDict = [global("collections", "OrderedDict"), op(")R")];
const tuple = (values: number[]) => Buffer.concat([op("("), ...values.map(int), op("t")]);

export function text(value: string): Buffer {
	const head = Buffer.from("X0000");
	head.writeUInt32LE(Buffer.byteLength(value), 1);
	return Buffer.concat([head, Buffer.from(value)]);
}
function int(value: number): Buffer {
	const bytes = Buffer.from("J0000");
	bytes.writeInt32LE(value, 1);
	return bytes;
}
