/** Where the files of a ZIP lie, for archives whose entries are stored without compression, as torch writes them. */
import type { FileHandle } from "node:fs/promises";
import { checkpointError } from "./checkpointError.ts";

export interface ZipEntry {
	name: string;
	/** Of the entry's first byte of data. */
	offset: number;
	bytes: number;
}

const endRecord = 0x06054b50;
const end64Locator = 0x07064b50;
const end64Record = 0x06064b50;
const centralHeader = 0x02014b50;
const localHeader = 0x04034b50;
const full32 = 0xffffffff;
const maxDirectoryBytes = 32 * 1024 * 1024;

/** All entries by name. @throws {GlassworksError} engine_invalid: damaged, or compressed or encrypted entries. */
export async function zipEntries(file: FileHandle, fileBytes: number): Promise<Map<string, ZipEntry>> {
	const { offset, bytes } = await findDirectory(file, fileBytes);
	if (bytes > maxDirectoryBytes) throw damaged("its directory is too large");
	const directory = await readExactly(file, offset, bytes, fileBytes);
	const entries = new Map<string, ZipEntry>();
	for (let at = 0; at < directory.length; ) {
		const header = centralEntry(directory, at);
		at = header.next;
		if (entries.has(header.name)) throw damaged(`it names ${header.name} twice`);
		const local = await readExactly(file, header.localOffset, 30, fileBytes);
		if (local.readUInt32LE(0) !== localHeader) throw damaged("an entry is not where the directory says");
		const start = header.localOffset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
		if (start + header.bytes > fileBytes) throw damaged("it is shorter than its directory says");
		entries.set(header.name, { name: header.name, offset: start, bytes: header.bytes });
	}
	return entries;
}

/** Reads `length` bytes at `offset` or fails: a short read means a truncated file. */
export async function readExactly(file: FileHandle, offset: number, length: number, fileBytes: number): Promise<Buffer> {
	if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > fileBytes) throw damaged("it is shorter than it says");
	const buffer = Buffer.alloc(length);
	for (let done = 0; done < length; ) {
		const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
		if (bytesRead === 0) throw damaged("it is shorter than it says");
		done += bytesRead;
	}
	return buffer;
}

async function findDirectory(file: FileHandle, fileBytes: number): Promise<{ offset: number; bytes: number }> {
	const tailBytes = Math.min(fileBytes, 22 + 65_535 + 20);
	const tailStart = fileBytes - tailBytes;
	const tail = await readExactly(file, tailStart, tailBytes, fileBytes);
	let at = tail.length - 22;
	while (at >= 0 && tail.readUInt32LE(at) !== endRecord) at--;
	if (at < 0) throw damaged("it has no directory (an interrupted download?)");
	const bytes = tail.readUInt32LE(at + 12);
	const offset = tail.readUInt32LE(at + 16);
	const isZip64 = at >= 20 && tail.readUInt32LE(at - 20) === end64Locator;
	if (!isZip64) return { offset, bytes };
	const record = await readExactly(file, uint64(tail, at - 20 + 8), 56, fileBytes);
	if (record.readUInt32LE(0) !== end64Record) throw damaged("its 64-bit directory is not where it says");
	return { bytes: uint64(record, 40), offset: uint64(record, 48) };
}

function centralEntry(directory: Buffer, at: number): { name: string; bytes: number; localOffset: number; next: number } {
	if (at + 46 > directory.length || directory.readUInt32LE(at) !== centralHeader) throw damaged("its directory is broken");
	const nameLength = directory.readUInt16LE(at + 28);
	const extraLength = directory.readUInt16LE(at + 30);
	const extraStart = at + 46 + nameLength;
	const next = extraStart + extraLength + directory.readUInt16LE(at + 32);
	if (next > directory.length) throw damaged("its directory is broken");
	const name = directory.toString("utf8", at + 46, extraStart);
	if ((directory.readUInt16LE(at + 8) & 1) !== 0) throw checkpointError("unsupported", "The checkpoint is an encrypted archive.");
	if (directory.readUInt16LE(at + 10) !== 0) throw checkpointError("unsupported", `The checkpoint compresses ${name}; torch never does.`);
	const sizes = {
		packed: directory.readUInt32LE(at + 20),
		bytes: directory.readUInt32LE(at + 24),
		localOffset: directory.readUInt32LE(at + 42),
	};
	widen(sizes, directory.subarray(extraStart, extraStart + extraLength));
	return { name, bytes: sizes.bytes, localOffset: sizes.localOffset, next };
}

/** Values of 2^32 - 1 stand for a 64-bit value in the extra field 1, in this order. */
function widen(sizes: { packed: number; bytes: number; localOffset: number }, extra: Buffer): void {
	for (let at = 0; at + 4 <= extra.length; ) {
		const id = extra.readUInt16LE(at);
		const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
		at += 4 + extra.readUInt16LE(at + 2);
		if (id !== 1) continue;
		let position = 0;
		for (const key of ["bytes", "packed", "localOffset"] as const) {
			if (sizes[key] !== full32) continue;
			if (position + 8 > field.length) throw damaged("its 64-bit sizes are broken");
			sizes[key] = uint64(field, position);
			position += 8;
		}
	}
}

function uint64(buffer: Buffer, at: number): number {
	const value = buffer.readBigUInt64LE(at);
	if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged("it claims an impossible size");
	return Number(value);
}

const damaged = (what: string) => checkpointError("damaged", `The checkpoint is damaged: ${what}.`);
