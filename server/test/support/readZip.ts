import yauzl from "yauzl";

/** Names and texts of a ZIP's files. */
export function readZip(bytes: Uint8Array): Promise<Map<string, Buffer>> {
	return new Promise((resolve, reject) => {
		yauzl.fromBuffer(Buffer.from(bytes), { lazyEntries: true }, (error, zip) => {
			if (error) return reject(error);
			const files = new Map<string, Buffer>();
			zip.on("entry", (entry) =>
				zip.openReadStream(entry, (failure, stream) => {
					if (failure) return reject(failure);
					const chunks: Buffer[] = [];
					stream.on("data", (chunk: Buffer) => chunks.push(chunk));
					stream.on("error", reject);
					stream.on("end", () => {
						files.set(entry.fileName, Buffer.concat(chunks));
						zip.readEntry();
					});
				}),
			);
			zip.on("end", () => resolve(files));
			zip.on("error", reject);
			zip.readEntry();
		});
	});
}
