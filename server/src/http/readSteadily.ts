import type { BlobRef } from "../domain/jobs/job.ts";
import type { BlobStore } from "../domain/ports.ts";

/** A stored picture that is being read. */
export interface SteadyFile {
	bytes: AsyncIterable<Uint8Array>;
	/** Whether it ended before its end. Asked once it was read. */
	broke(): boolean;
	close(): Promise<void>;
}

/** How often reading goes on where it broke off. */
const maxResumes = 3;

/**
 * Reads a picture to its end, going on where a connection broke off. Its first bytes are there once this returns: what cannot be read at all
 * throws here, before anything was written of it.
 */
export async function readSteadily(blobs: Pick<BlobStore, "stream">, tenantId: string, picture: BlobRef): Promise<SteadyFile> {
	const { sha256, bytes: size } = picture;
	let got = 0;
	const start = async () => {
		const range = got === 0 ? undefined : { start: got, end: size - 1 };
		return (await blobs.stream(tenantId, sha256, range))[Symbol.asyncIterator]();
	};
	let source = await start();
	let first: IteratorResult<Uint8Array> | null = await source.next();
	let broken = false;

	async function* read(): AsyncGenerator<Uint8Array> {
		for (let resumes = 0; ; ) {
			try {
				const { done, value } = first ?? (await source.next());
				first = null;
				if (done) break;
				got += value.byteLength;
				yield value;
			} catch {
				await source.return?.().catch(() => {});
				if (got >= size || resumes++ >= maxResumes) break;
				source = await start().catch(() => source);
			}
		}
		broken = got < size;
	}
	return {
		bytes: read(),
		broke: () => broken,
		close: async () => {
			await source.return?.();
		},
	};
}
