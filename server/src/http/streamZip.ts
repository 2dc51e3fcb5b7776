import { makeZip } from "client-zip";

export interface ZipFile {
	name: string;
	input: AsyncIterable<Uint8Array | string> | Uint8Array;
	lastModified: Date;
}
/** What is being read: closed when the ZIP ends early. */
export type OpenFiles = { close(): Promise<void> }[];

/** A ZIP as it is made, file by file. Ends early, closing what is read, when nobody takes it. */
export async function* streamZip(filesOf: (open: OpenFiles) => AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
	const open: OpenFiles = [];
	const reader = makeZip(filesOf(open)).getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		// Throws into the list of files, which is how it ends early.
		await reader.cancel(new Error("nobody reads the ZIP any more")).catch(() => {});
		for (const { close } of open) await close();
	}
}
