import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { makeZip } from "client-zip";

/** One file of a ZIP. What is a stream is read while it is sent, and not before. */
export interface ZipEntry {
	name: string;
	modifiedAt: Date;
	content: string | AsyncIterable<Uint8Array | string>;
}

/** A ZIP as it is made: nothing is kept, and nothing is read faster than the receiver takes it. */
export function zipStream(entries: AsyncIterable<ZipEntry>): Readable {
	return Readable.fromWeb(makeZip(inputs(entries)) as ReadableStream<Uint8Array>);
}

async function* inputs(entries: AsyncIterable<ZipEntry>) {
	for await (const { name, modifiedAt: lastModified, content } of entries)
		yield { name, lastModified, input: content as AsyncIterable<string> };
}
